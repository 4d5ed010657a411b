import { expect, test } from 'vitest';
import { createDoubts } from '../../../../functions/bus/doubt/doubts.ts';
import type { RepairQueue } from '../../../../functions/bus/writing/repair-queue.ts';
import { everySession, type Ledger } from '../../../../functions/repositories/ledger.ts';
import { createMemoryLedger } from '../../../../functions/repositories/memory/ledger.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { noRepairs } from '../../../support/no-repairs.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';
import { timerOf } from '../../../support/timer-of.ts';

const failed = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;

/** Two repositories, of which DynamoDB's ledger can be replaced by another one. */
function createStage() {
	const settable = createSettableClock();
	/** Shorter waits elapse at once. */
	const waits = { elapsedMs: 0 };
	const clock = {
		...settable,
		delay: () => new Promise<void>((resolve) => setImmediate(resolve)),
		timer: (ms: number) => timerOf(ms <= waits.elapsedMs ? Promise.resolve() : new Promise<never>(() => undefined)),
	};
	const stage = { dynamodb: createMemoryLedger(), s3: createMemoryLedger() };
	const behind = (name: 'dynamodb' | 's3') => {
		const ledger = new Proxy({} as Ledger, { get: (_, method: keyof Ledger) => stage[name][method] });
		return { ...createMemoryRepository(name), ledger };
	};
	const sweeps: string[] = [];
	const queue = { down: false };
	const repairs: RepairQueue = {
		...noRepairs,
		enqueueSweep: async (missing) => {
			if (queue.down) throw new Unreachable('repair queue', undefined);
			sweeps.push(missing);
		},
	};
	const bus = () => createDoubts([behind('dynamodb'), behind('s3')], clock, repairs);
	const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
	const tallies = async () => {
		const read = await Promise.all([stage.dynamodb.readTally('dynamodb'), stage.s3.readTally('dynamodb')]);
		return read.map((each) => (each.kind === 'known' ? each.tally?.count : undefined));
	};
	return { clock, stage, bus, settled, tallies, sweeps, queue, waits };
}

test('buses count up the tally of a repository in use, and its copy follows', async () => {
	const { clock, bus, settled, tallies } = createStage();
	const doubts = bus();
	expect((await doubts.check('dynamodb')).doubt).toBe('none');
	await settled();
	expect(await tallies()).toEqual([1, 1]);
	clock.advance(10_001);
	await doubts.check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([1, 1]);
	clock.advance(10_001);
	expect((await bus().check('dynamodb')).doubt).toBe('none');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
});

test('a repository that was set back is doubted, also by buses that come after the first one', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	const doubts = bus();
	await doubts.check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryLedger();
	clock.advance(10_001);
	expect((await doubts.check('dynamodb')).doubt).toBe('missed');
	expect((await doubts.check('s3')).doubt).toBe('none');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	clock.advance(10_001);
	expect((await bus().check('dynamodb')).doubt).toBe('missed');
	expect(await stage.s3.anyMarker('dynamodb')).toEqual({ kind: 'known', id: everySession });
	expect(sweeps).toEqual(['dynamodb']);
});

test('the tally is not counted up before the note is there', async () => {
	const { clock, stage, bus, settled, tallies } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryLedger();
	stage.s3 = { ...stage.s3, writeNote: async () => failed };
	clock.advance(10_001);
	for (let bus_ = 0; bus_ < 2; bus_++) {
		expect((await bus().check('dynamodb')).doubt).toBe('missed');
		await settled();
	}
	expect(await tallies()).toEqual([undefined, 1]);
});

test('the tally is not counted up before the sweep is queued', async () => {
	const { clock, stage, bus, settled, tallies, queue, sweeps } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryLedger();
	queue.down = true;
	clock.advance(10_001);
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([undefined, 1]);
	queue.down = false;
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	expect(sweeps).toEqual(['dynamodb']);
});

test('if the other repository does not tell its copy of the tally, nobody can tell', async () => {
	const { stage, bus } = createStage();
	stage.s3 = { ...stage.s3, readTally: async () => failed };
	expect((await bus().check('dynamodb')).doubt).toBe('unknown');
	stage.dynamodb = { ...stage.dynamodb, readTally: async () => failed };
	expect((await bus().check('dynamodb')).doubt).toBe('unknown');
});

test.each([
	['fails to tell', 0, async () => failed],
	['does not tell within 150 ms', 150, () => new Promise<never>(() => undefined)],
] as const)('a repository that %s its own tally is not believed alone', async (_how, elapsedMs, readTally) => {
	const { stage, bus, waits } = createStage();
	stage.dynamodb = { ...stage.dynamodb, readTally };
	waits.elapsedMs = elapsedMs;
	expect((await bus().check('dynamodb')).doubt).toBe('missed');
});

test('a check of the tallies counts for ten seconds, and reads do not wait for the next one', async () => {
	const { clock, stage, bus, settled } = createStage();
	const doubts = bus();
	await doubts.check('dynamodb');
	await settled();
	stage.s3 = { ...stage.s3, readTally: async () => failed };
	clock.advance(9_000);
	expect((await doubts.check('dynamodb')).doubt).toBe('none');
	clock.advance(1_001);
	expect((await doubts.check('dynamodb')).doubt).toBe('unknown');
});

test('a tally that a fast clock counted is counted on when the clock is right', async () => {
	const { clock, bus, settled, tallies } = createStage();
	clock.advance(3_600_000);
	await bus().check('dynamodb');
	await settled();
	clock.advance(-3_600_000);
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
});

test('a bus that was frozen in the midst of its check does not hide that the repository was set back meanwhile', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	await bus().check('dynamodb');
	await settled();
	const { s3 } = stage;
	const thawed = Promise.withResolvers<void>();
	let isFrozen = false;
	const readSlowly: Ledger['readTally'] = async (name) => {
		const read = await s3.readTally(name);
		if (isFrozen) return read;
		isFrozen = true;
		await thawed.promise;
		return read;
	};
	stage.s3 = { ...s3, readTally: readSlowly };
	const late = bus().check('dynamodb');
	await settled();
	// Meanwhile, another bus counts both tallies up, and a backup from before that comes back.
	clock.advance(20_000);
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	const backup = createMemoryLedger();
	await backup.writeTally('dynamodb', { count: 1, atMs: clock.now().wallMs - 20_000 }, undefined);
	stage.dynamodb = backup;
	clock.advance(20_000);
	thawed.resolve();
	expect((await late).doubt).toBe('missed');
	await settled();
	expect(sweeps).toEqual(['dynamodb']);
	expect(await stage.s3.anyMarker('dynamodb')).toEqual({ kind: 'known', id: everySession });
});

test('a bus that was frozen while it counted does not hide that the repository was set back meanwhile', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	const dynamodb = createMemoryLedger();
	stage.dynamodb = dynamodb;
	await bus().check('dynamodb');
	await settled();
	const setBack = dynamodb.backUp();
	const thawed = Promise.withResolvers<void>();
	stage.dynamodb = {
		...dynamodb,
		writeTally: async (...write) => {
			await thawed.promise;
			return dynamodb.writeTally(...write);
		},
	};
	clock.advance(20_000);
	await bus().check('dynamodb');
	// Meanwhile, another bus counts both tallies up, and the state from before that comes back.
	stage.dynamodb = dynamodb;
	clock.advance(20_000);
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	setBack();
	thawed.resolve();
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	clock.advance(20_000);
	expect((await bus().check('dynamodb')).doubt).toBe('missed');
	await settled();
	expect(await tallies()).toEqual([3, 3]);
	expect(sweeps).toEqual(['dynamodb']);
	expect(await stage.s3.anyMarker('dynamodb')).toEqual({ kind: 'known', id: everySession });
});
