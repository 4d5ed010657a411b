import { fileURLToPath } from 'node:url';
import { type Coverage, startCoverage } from './coverage.ts';

/** The files of `functions/` that a request passed through, on each side of the bus. */
export interface Footprints {
	readonly sessionServer: ReadonlySet<string>;
	readonly bus: ReadonlySet<string>;
}

/** Notes the files that run, and on which side of the bus. */
export interface Tracker {
	/** Notes that the files that ran since the last call belong to this side. */
	note(side: keyof Footprints): Promise<void>;
	/**
	 * The files that ran during `act`. Files that ran after the last `note` belong to the session
	 * server.
	 */
	follow<Result>(act: () => Promise<Result>): Promise<{ readonly footprints: Footprints; readonly result: Result }>;
	stop(): void;
}

/** The handlers do not run here, because they read the environment. They count as if they did. */
const handlers = { sessionServer: 'session-server/handler.ts', bus: 'bus/handler.ts' } as const;

export async function startTracker(): Promise<Tracker> {
	const coverage: Coverage = await startCoverage(fileURLToPath(new URL('../../functions/', import.meta.url)));
	let seen = newFootprints();

	async function note(side: keyof Footprints): Promise<void> {
		seen[side].add(handlers[side]);
		for (const file of await coverage.take()) seen[side].add(file);
	}

	return {
		note,
		follow: async (act) => {
			await coverage.take();
			seen = newFootprints();
			const result = await act();
			await note('sessionServer');
			const footprints = seen;
			seen = newFootprints();
			return { footprints, result };
		},
		stop: coverage.stop,
	};
}

function newFootprints() {
	return { sessionServer: new Set<string>(), bus: new Set<string>() };
}
