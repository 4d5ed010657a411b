import type { Failed } from './failed.ts';

/** What a call to a store came to. Whatever it throws means that the store could not answer. */
export async function answered<Result>(call: () => Promise<Result>): Promise<Result | Failed> {
	try {
		return await call();
	} catch (cause) {
		return { kind: 'failed', reason: 'unavailable', cause };
	}
}

/** The same of a write on condition, which the store may refuse. */
export function conditionally<Result>(
	isConflict: (error: unknown) => boolean,
	call: () => Promise<Result>,
): Promise<Result | { readonly kind: 'conflict' } | Failed> {
	return answered(async () => {
		try {
			return await call();
		} catch (error) {
			if (isConflict(error)) return { kind: 'conflict' } as const;
			throw error;
		}
	});
}
