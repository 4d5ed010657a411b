import { randomBytes, sign, verify } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSigningKeys } from '../../../functions/bus/signing-keys.ts';
import type { CopyKeys } from '../../../functions/carried/copy-keys.ts';
import { createMemoryCopyKeys } from '../../../functions/control-table/memory/copy-keys.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const hourMs = 3_600_000;

function createStage() {
	const clock = createSettableClock();
	const lines: string[] = [];
	const stage = {
		clock,
		lines,
		publications: 0,
		isReachable: true,
		/** Resolves when the publication that is under way may be answered. */
		answer: Promise.resolve(),
		copyKeys: createMemoryCopyKeys(clock),
		renewed,
	};
	const copyKeys: CopyKeys = {
		find: stage.copyKeys.find,
		publish: async (key) => {
			stage.publications++;
			await stage.answer;
			if (!stage.isReachable) throw new Unreachable('control table', new Error('a cut cable'));
			await stage.copyKeys.publish(key);
		},
	};
	const log = (_: string, message: string) => lines.push(message);
	const keys = createSigningKeys({ copyKeys, clock, timing: timingDefaults, randomBytes, log });

	/** Moves both clocks, and lets the keys renew themselves. */
	async function renewed(ms = 0): Promise<string | undefined> {
		clock.advance(ms);
		await keys.renewIfDue();
		return keys.current()?.id;
	}

	return Object.assign(stage, { keys });
}

describe('an environment of the bus', () => {
	test('signs with a key that session servers can find', async () => {
		const { keys, copyKeys, renewed } = createStage();
		await renewed();
		const key = keys.current();
		if (key === undefined) throw new Error('there is no key');
		const found = await copyKeys.find(key.id);
		const text = Buffer.from('a copy');
		expect(found && verify(null, text, found.publicKey, sign(null, text, key.privateKey))).toBe(true);
	});

	test('has no key before one is published, and never one that is not', async () => {
		const stage = createStage();
		expect(stage.keys.current()).toBeUndefined();
		const { promise, resolve } = Promise.withResolvers<void>();
		stage.answer = promise;
		const renewal = stage.keys.renewIfDue();
		await Promise.resolve();
		expect(stage.publications).toBe(1);
		expect(stage.keys.current()).toBeUndefined();
		resolve();
		await renewal;
		expect(stage.keys.current()).toBeDefined();
	});

	test('publishes one key however many messages ask at once', async () => {
		const stage = createStage();
		await Promise.all([stage.keys.renewIfDue(), stage.keys.renewIfDue()]);
		await stage.keys.renewIfDue();
		expect(stage.publications).toBe(1);
	});

	test('has another key each hour, and no two environments have the same one', async () => {
		const [one, other] = [createStage(), createStage()];
		const first = await one.renewed();
		expect(await other.renewed()).not.toBe(first);
		expect(await one.renewed(hourMs - 1)).toBe(first);
		const second = await one.renewed(1);
		expect(second).toBeDefined();
		expect(second).not.toBe(first);
	});

	test('publishes a key for as long as a copy of it may be used', async () => {
		const stage = createStage();
		const id = String(await stage.renewed());
		stage.clock.advance(2 * hourMs - 1);
		expect(stage.keys.current()?.id).toBe(id);
		stage.clock.advance(timingDefaults.carriedAgeMs);
		expect(await stage.copyKeys.find(id)).toBeDefined();
		stage.clock.advance(1);
		expect(await stage.copyKeys.find(id)).toBeUndefined();
	});

	test('has another key after its clock was set back', async () => {
		const stage = createStage();
		const first = await stage.renewed();
		stage.clock.setWall(stage.clock.now().wallMs - 1);
		expect(stage.keys.current()).toBeUndefined();
		expect(await stage.renewed()).not.toBe(first);
		expect(stage.keys.current()).toBeDefined();
	});

	test('dates a key from before its publication, in case it is frozen meanwhile', async () => {
		const stage = createStage();
		const { promise, resolve } = Promise.withResolvers<void>();
		stage.answer = promise;
		const renewal = stage.keys.renewIfDue();
		await Promise.resolve();
		stage.clock.advance(2 * hourMs);
		resolve();
		await renewal;
		expect(stage.keys.current()).toBeUndefined();
	});
});

describe('while the control table does not answer, an environment of the bus', () => {
	test('signs with the last key for another hour, and with none afterwards', async () => {
		const stage = createStage();
		const first = await stage.renewed();
		stage.isReachable = false;
		expect(await stage.renewed(2 * hourMs - 1)).toBe(first);
		expect(await stage.renewed(1)).toBeUndefined();
	});

	test('tries again after ten seconds, and has a key once the table answers', async () => {
		const stage = createStage();
		stage.isReachable = false;
		await stage.renewed();
		await stage.renewed(9_999);
		expect(stage.publications).toBe(1);
		expect(await stage.renewed(1)).toBeUndefined();
		expect(stage.publications).toBe(2);
		stage.isReachable = true;
		expect(await stage.renewed(10_000)).toBeDefined();
	});

	test('says so once, and once more in the next outage', async () => {
		const stage = createStage();
		stage.isReachable = false;
		for (const _ of [1, 2, 3]) await stage.renewed(10_000);
		expect(stage.lines).toEqual(['a key of carried copies could not be published']);
		stage.isReachable = true;
		await stage.renewed(10_000);
		stage.isReachable = false;
		await stage.renewed(hourMs);
		expect(stage.lines).toHaveLength(2);
	});
});
