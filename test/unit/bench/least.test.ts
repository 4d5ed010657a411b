import { describe, expect, test } from 'vitest';
import { callInTurn } from '../../../bench/least/calls.ts';
import { latencyOf, steps } from '../../../bench/least/steps.ts';

describe('the least program', () => {
	test('makes each call after the one before has ended', async () => {
		const told: string[] = [];
		const call = (name: string) => async () => {
			told.push(`${name} begins`);
			await Promise.resolve();
			told.push(`${name} ends`);
		};
		await callInTurn(['read', 'write', 'read'], { read: call('read'), write: call('write') });
		expect(told).toEqual(['read begins', 'read ends', 'write begins', 'write ends', 'read begins', 'read ends']);
	});

	test('is compared with the sum of the latencies of its calls and of its invocation', () => {
		expect(latencyOf(steps['a login'])).toBe(12 + 4 + 25);
		expect(latencyOf(steps['a logout'])).toBe(12 + 25 + 4);
		expect(latencyOf(steps['the first decision at an instance, and the bus was just asked'])).toBe(12 + 4);
		expect(latencyOf(steps['the first decision after the owner was lost, which seals its lease'])).toBe(4 + 4 + 12 + 4);
	});

	test('invokes nothing if there is nothing to call', () => {
		expect(latencyOf(steps['a decision by the author of the change'])).toBe(0);
	});
});
