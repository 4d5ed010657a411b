/**
 * A request to the least program: the calls of its first function, and of the one that this
 * invokes, one after the other. Without calls for the second function, nothing is invoked.
 */
export interface LeastRequest {
	readonly own: readonly OwnCall[];
	readonly invoked: readonly InvokedCall[];
}

export type OwnCall = 'control read' | 'control write';
export type InvokedCall = 'dynamodb read' | 'dynamodb write' | 's3 write' | 'control write';

/** The item that a call reads or writes. There is one in each table. */
export const leastKey = { pk: { S: 'least' }, sk: { S: 'least' } } as const;

/** About as large as the record of a session. */
export const leastContent = 'x'.repeat(1_000);

/** Makes the calls in their order. */
export async function callInTurn<Call extends string>(
	calls: readonly Call[],
	make: Readonly<Record<Call, () => Promise<unknown>>>,
): Promise<void> {
	for (const call of calls) await make[call]();
}
