import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { Unreachable } from '../../system/unreachable.ts';

/** @throws Unreachable when the call failed, whatever the reason: it may have had its effect. */
export async function reach<Output>(call: Promise<Output>): Promise<Output> {
	try {
		return await call;
	} catch (error) {
		throw new Unreachable('control table', error);
	}
}

/** Like `Promise.all`, but does not leave the others under way when one fails. */
export async function allSettled<Outputs extends readonly unknown[]>(
	calls: readonly [...{ [Place in keyof Outputs]: Promise<Outputs[Place]> }],
): Promise<Outputs> {
	await Promise.allSettled(calls);
	return (await Promise.all(calls)) as unknown as Outputs;
}

/**
 * Waits for a conditional write.
 *
 * @returns `false` when its condition did not hold.
 * @throws Unreachable as `reach` does.
 */
export async function wrote(write: Promise<unknown>): Promise<boolean> {
	try {
		await write;
		return true;
	} catch (error) {
		if (error instanceof ConditionalCheckFailedException) return false;
		throw new Unreachable('control table', error);
	}
}
