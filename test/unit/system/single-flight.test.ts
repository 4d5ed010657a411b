import { expect, test } from 'vitest';
import { createSingleFlight } from '../../../functions/system/single-flight.ts';

/** Calls of a function that settle when the test says so. */
function createCalls() {
	const calls: PromiseWithResolvers<number>[] = [];
	const call = () => {
		const pending = Promise.withResolvers<number>();
		calls.push(pending);
		return pending.promise;
	};
	return { calls, run: createSingleFlight(call) };
}

test('calls that overlap share one promise', async () => {
	const { calls, run } = createCalls();
	const [first, second] = [run(), run()];
	expect(second).toBe(first);
	expect(calls).toHaveLength(1);
	calls[0]?.resolve(1);
	expect(await Promise.all([first, second])).toEqual([1, 1]);
});

test('a call after the one before has settled starts anew', async () => {
	const { calls, run } = createCalls();
	const first = run();
	calls[0]?.resolve(1);
	await first;
	const second = run();
	expect(calls).toHaveLength(2);
	calls[1]?.resolve(2);
	expect(await second).toBe(2);
});

test('a call in a continuation of the one before starts anew', async () => {
	const { calls, run } = createCalls();
	const nested = run().then(run);
	calls[0]?.resolve(1);
	await Promise.resolve();
	await Promise.resolve();
	calls[1]?.resolve(2);
	expect(await nested).toBe(2);
});

test('a failure reaches every caller, and the next call starts anew', async () => {
	const { calls, run } = createCalls();
	const shared = [run(), run()];
	calls[0]?.reject(new Error('down'));
	expect(await Promise.allSettled(shared)).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
	const next = run();
	calls[1]?.resolve(2);
	expect(await next).toBe(2);
});
