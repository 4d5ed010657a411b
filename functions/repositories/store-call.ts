/**
 * The store did not answer, or refused the call. A write may have had its effect, or may have it
 * later.
 */
export interface Unavailable {
	readonly kind: 'failed';
	readonly reason: 'unavailable';
	readonly cause: unknown;
}

export function unavailable(cause: unknown): Unavailable {
	return { kind: 'failed', reason: 'unavailable', cause };
}

/** Calls a store. Any error of the call means that the store could not answer. */
export async function callStore<Result>(call: () => Promise<Result>): Promise<Result | Unavailable> {
	try {
		return await call();
	} catch (cause) {
		return unavailable(cause);
	}
}

/**
 * Calls a store with a conditional write. `conflict`: the store refused it because the condition
 * does not hold.
 */
export async function writeOnCondition<Result>(
	isConflict: (error: unknown) => boolean,
	write: () => Promise<Result>,
): Promise<Result | { readonly kind: 'conflict' } | Unavailable> {
	try {
		return await write();
	} catch (cause) {
		return isConflict(cause) ? { kind: 'conflict' } : unavailable(cause);
	}
}
