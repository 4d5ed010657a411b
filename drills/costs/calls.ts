/** The calls to AWS of one message to the bus, as the bill counts them. */
export interface Calls {
	/** Strong reads of items of up to 4 kB. */
	readonly reads: number;
	/** Writes of items of up to 1 kB. */
	readonly writes: number;
	readonly gets: number;
	readonly puts: number;
}

/**
 * The calls of each message, repositories and control table together, if all is well. The table in
 * `docs/operate/repositories.md` has the same numbers, and `test/api/remote-calls.test.ts` counts
 * them at the services.
 */
export const callsOf = {
	create: { reads: 2, writes: 2, gets: 0, puts: 1 },
	read: { reads: 2, writes: 0, gets: 0, puts: 0 },
	/** The first message of a failover: `recover` with `sealedOwner`. */
	lend: { reads: 3, writes: 0, gets: 0, puts: 0 },
	recover: { reads: 5, writes: 1, gets: 1, puts: 1 },
	update: { reads: 1, writes: 2, gets: 1, puts: 1 },
	touch: { reads: 2, writes: 1, gets: 1, puts: 1 },
	revoke: { reads: 2, writes: 3, gets: 1, puts: 1 },
} as const satisfies Readonly<Record<string, Calls>>;

export type Message = keyof typeof callsOf;

/** A look at the owner's lease, before the bus is asked for a session. */
export const leaseLook: Calls = { reads: 1, writes: 0, gets: 0, puts: 0 };

/** A read of the feed. */
export const syncCalls: Calls = { reads: 1, writes: 0, gets: 0, puts: 0 };

/** A lease that is renewed or acquired. */
export const renewalCalls: Calls = { reads: 0, writes: 1, gets: 0, puts: 0 };
