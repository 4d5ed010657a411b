import { expect, test } from 'vitest';
import { createSetBacks } from '../../../../functions/bus/doubt/set-backs.ts';
import type { RepairQueue } from '../../../../functions/bus/writing/repair-queue.ts';
import { everySession } from '../../../../functions/control-table/markers.ts';
import { createMemoryTallyCopies } from '../../../../functions/control-table/memory/tally-copies.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { createMemoryTally } from '../../../../functions/repositories/memory/tally.ts';
import type { TallyKeeper } from '../../../../functions/repositories/tally.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { createDoubtPorts } from '../../../support/memory/doubt-ports.ts';
import { noRepairs } from '../../../support/no-repairs.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';
import { timerOf } from '../../../support/timer-of.ts';

const failed = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;
const silent = async () => {
	throw new Unreachable('control table', undefined);
};

/** Two repositories and a control table whose parts can be replaced. */
function createStage() {
	const settable = createSettableClock();
	/** Shorter waits elapse at once. */
	const waits = { elapsedMs: 0 };
	const clock = {
		...settable,
		delay: () => new Promise<void>((resolve) => setImmediate(resolve)),
		timer: (ms: number) => timerOf(ms <= waits.elapsedMs ? Promise.resolve() : new Promise<never>(() => undefined)),
	};
	const stage = { dynamodb: createMemoryTally() as TallyKeeper, ...createDoubtPorts() };
	const through = <Part extends object>(part: () => Part) =>
		new Proxy({} as Part, { get: (_, method) => part()[method as keyof Part] });
	const sweeps: string[] = [];
	const queue = { down: false };
	const repairs: RepairQueue = {
		...noRepairs,
		enqueueSweep: async (missing) => {
			if (queue.down) throw new Unreachable('repair queue', undefined);
			sweeps.push(missing);
		},
	};
	const repositories = [
		{ ...createMemoryRepository('dynamodb'), tally: through(() => stage.dynamodb) },
		createMemoryRepository('s3'),
	];
	const markers = through(() => stage.markers);
	const tallyCopies = through(() => stage.tallyCopies);
	const bus = () => createSetBacks({ repositories, markers, tallyCopies, repairs, clock });
	const settled = () => new Promise((resolve) => setTimeout(resolve, 20));
	const tallies = async () => {
		const read = await stage.dynamodb.read();
		return [
			read.kind === 'known' ? read.tally?.count : undefined,
			(await stage.tallyCopies.read('dynamodb'))?.count ?? 0,
		];
	};
	return { clock, stage, bus, settled, tallies, sweeps, queue, waits };
}

test('buses count up the tally of a repository in use, and its copy follows', async () => {
	const { clock, bus, settled, tallies } = createStage();
	const setBacks = bus();
	expect(await setBacks.check('dynamodb')).toBe('none');
	await settled();
	expect(await tallies()).toEqual([1, 1]);
	clock.advance(10_001);
	await setBacks.check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([1, 1]);
	clock.advance(10_001);
	expect(await bus().check('dynamodb')).toBe('none');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
});

test('a repository that was set back is doubted, also by buses that come after the first one', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	const setBacks = bus();
	await setBacks.check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	clock.advance(10_001);
	expect(await setBacks.check('dynamodb')).toBe('missed');
	expect(await setBacks.check('s3')).toBe('none');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	clock.advance(10_001);
	expect(await bus().check('dynamodb')).toBe('missed');
	expect(stage.markers.listOpen()).toEqual([{ id: everySession, missing: 'dynamodb' }]);
	expect(sweeps).toEqual(['dynamodb']);
});

test('the tally is not counted up before the marker is open', async () => {
	const { clock, stage, bus, settled, tallies } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	stage.markers = { ...stage.markers, open: silent };
	clock.advance(10_001);
	for (let bus_ = 0; bus_ < 2; bus_++) {
		expect(await bus().check('dynamodb')).toBe('missed');
		await settled();
	}
	expect(await tallies()).toEqual([undefined, 1]);
});

test('the tally is not counted up before the sweep is queued', async () => {
	const { clock, stage, bus, settled, tallies, queue, sweeps } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
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

test('if the control table does not tell its copy of the tally, nobody can tell, unless the repository was in doubt', async () => {
	const { clock, stage, bus, settled } = createStage();
	const one = bus();
	await one.check('dynamodb');
	await settled();
	const { tallyCopies } = stage;
	stage.tallyCopies = { ...tallyCopies, read: silent };
	expect(await bus().check('dynamodb')).toBe('unknown');
	stage.tallyCopies = tallyCopies;
	stage.dynamodb = createMemoryTally();
	clock.advance(10_001);
	expect(await one.check('dynamodb')).toBe('missed');
	stage.tallyCopies = { ...tallyCopies, read: silent };
	clock.advance(1_001);
	expect(await one.check('dynamodb')).toBe('missed');
});

test.each([
	['fails to tell', 0, async () => failed],
	['does not tell within 150 ms', 150, () => new Promise<never>(() => undefined)],
] as const)('a repository that %s its own tally is not believed alone', async (_how, elapsedMs, read) => {
	const { stage, bus, waits } = createStage();
	stage.dynamodb = { ...stage.dynamodb, read };
	waits.elapsedMs = elapsedMs;
	expect(await bus().check('dynamodb')).toBe('missed');
});

test('another bus that counts between the reads of a check causes no doubt', async () => {
	const { clock, stage, bus, settled, tallies } = createStage();
	await bus().check('dynamodb');
	await settled();
	const own = stage.dynamodb;
	let reads = 0;
	const read: TallyKeeper['read'] = async () => {
		const before = await own.read();
		if (reads++ === 0 && before.kind === 'known') {
			const counted = { count: 2, atMs: clock.now().wallMs };
			await own.write(counted, before.tally);
			await stage.tallyCopies.raise('dynamodb', counted);
		}
		return before;
	};
	stage.dynamodb = { ...own, read };
	expect(await bus().check('dynamodb')).toBe('none');
	expect(await tallies()).toEqual([2, 2]);
});

test('a repository that was set back and counted up again between the reads of a check is in doubt', async () => {
	const { clock, stage, bus, settled } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	const own = stage.dynamodb;
	let reads = 0;
	const read: TallyKeeper['read'] = async () => {
		if (reads++ !== 1) return own.read();
		await stage.markers.open(everySession, ['dynamodb'], { openedAtMs: 0, expiresAtMs: undefined });
		await own.write({ count: 2, atMs: clock.now().wallMs }, undefined);
		return own.read();
	};
	stage.dynamodb = { ...own, read };
	expect(await bus().check('dynamodb')).toBe('missed');
});

test('a control table that was lost or set back makes the repository doubted, and a sweep repairs every session', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	for (let count = 0; count < 2; count++) {
		await bus().check('dynamodb');
		await settled();
		clock.advance(15_000);
	}
	expect(await tallies()).toEqual([2, 2]);
	stage.tallyCopies = createMemoryTallyCopies();
	expect(await bus().check('dynamodb')).toBe('missed');
	await settled();
	expect(stage.markers.listOpen()).toEqual([{ id: everySession, missing: 'dynamodb' }]);
	expect(sweeps).toEqual(['dynamodb']);
	expect(await tallies()).toEqual([3, 3]);
});

test('a bus that dies between the two counts leaves the copy behind by one, and the next one completes it first', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	const { tallyCopies } = stage;
	stage.tallyCopies = { ...tallyCopies, raise: silent };
	for (let count = 0; count < 2; count++) {
		expect(await bus().check('dynamodb')).toBe('none');
		await settled();
		clock.advance(15_000);
	}
	expect(await tallies()).toEqual([1, 0]);
	stage.tallyCopies = tallyCopies;
	expect(await bus().check('dynamodb')).toBe('none');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	expect(sweeps).toEqual([]);
});

test('a check that a freeze held up for longer than a check counts leaves the repository in doubt', async () => {
	const { clock, stage, bus } = createStage();
	const answered = Promise.withResolvers<void>();
	const { look } = stage.markers;
	const late: typeof look = async (id) => {
		await answered.promise;
		return look(id);
	};
	stage.markers = { ...stage.markers, look: late };
	const frozen = bus();
	const checking = frozen.check('dynamodb');
	clock.advance(10_001);
	answered.resolve();
	expect(await checking).toBe('missed');
	expect(await frozen.check('dynamodb')).toBe('none');
});

test('a check of the tallies counts for ten seconds, and reads do not wait for the next one', async () => {
	const { clock, stage, bus, settled } = createStage();
	const setBacks = bus();
	await setBacks.check('dynamodb');
	await settled();
	stage.tallyCopies = { ...stage.tallyCopies, read: silent };
	clock.advance(9_000);
	expect(await setBacks.check('dynamodb')).toBe('none');
	clock.advance(1_001);
	expect(await setBacks.check('dynamodb')).toBe('unknown');
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
	const own = stage.dynamodb;
	const thawed = Promise.withResolvers<void>();
	let isFrozen = false;
	const readSlowly: TallyKeeper['read'] = async () => {
		const read = await own.read();
		if (isFrozen) return read;
		isFrozen = true;
		await thawed.promise;
		return read;
	};
	stage.dynamodb = { ...own, read: readSlowly };
	const late = bus().check('dynamodb');
	await settled();
	// Meanwhile, another bus counts both tallies up, and a backup from before that comes back.
	clock.advance(20_000);
	await bus().check('dynamodb');
	await settled();
	expect(await tallies()).toEqual([2, 2]);
	const backup = createMemoryTally();
	await backup.write({ count: 1, atMs: clock.now().wallMs - 20_000 }, undefined);
	stage.dynamodb = backup;
	clock.advance(20_000);
	thawed.resolve();
	expect(await late).toBe('missed');
	await settled();
	expect(sweeps).toEqual(['dynamodb']);
	expect(stage.markers.listOpen()).toEqual([{ id: everySession, missing: 'dynamodb' }]);
});

test('a bus that reaches no other repository gives one that is slow to tell its tally more time, once', async () => {
	const { stage, bus, waits } = createStage();
	const own = stage.dynamodb;
	let reads = 0;
	stage.dynamodb = {
		...own,
		read: async () => {
			reads++;
			return reads === 1 ? new Promise<never>(() => undefined) : own.read();
		},
	};
	waits.elapsedMs = 150;
	const setBacks = bus();
	expect(await setBacks.check('dynamodb')).toBe('missed');
	expect(await Promise.all([setBacks.insist('dynamodb'), setBacks.insist('dynamodb')])).toEqual(['none', 'none']);
	expect(reads).toBe(2);
	expect(await setBacks.check('dynamodb')).toBe('none');
});

test('a bus that reaches no other repository gives a control table that is slow more time', async () => {
	const { clock, stage, bus, settled, waits } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	clock.advance(10_001);
	waits.elapsedMs = 300;
	const setBacks = bus();
	expect(await setBacks.check('dynamodb')).toBe('unknown');
	expect(await setBacks.insist('dynamodb')).toBe('missed');
});

test('a bus that was frozen while it gave the control table more time asks again', async () => {
	const { clock, stage, bus, settled, waits } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	clock.advance(10_001);
	waits.elapsedMs = 1_000;
	const { tallyCopies } = stage;
	let reads = 0;
	stage.tallyCopies = {
		...tallyCopies,
		read: async (name) => {
			// Of the check, and of the first try after that.
			if (++reads === 2) clock.advance(3_000);
			if (reads === 2) waits.elapsedMs = 0;
			return reads > 2 ? tallyCopies.read(name) : new Promise<never>(() => undefined);
		},
	};
	const setBacks = bus();
	expect(await setBacks.check('dynamodb')).toBe('unknown');
	expect(await setBacks.insist('dynamodb')).toBe('missed');
	expect(reads).toBeGreaterThan(2);
});

test('more time does not help a repository that was set back', async () => {
	const { clock, stage, bus, settled } = createStage();
	await bus().check('dynamodb');
	await settled();
	stage.dynamodb = createMemoryTally();
	clock.advance(10_001);
	const setBacks = bus();
	expect(await setBacks.insist('dynamodb')).toBe('missed');
	await settled();
	expect(await setBacks.insist('dynamodb')).toBe('missed');
	expect(await bus().insist('dynamodb')).toBe('missed');
});

test('a bus that was frozen while it counted does not hide that the repository was set back meanwhile', async () => {
	const { clock, stage, bus, settled, tallies, sweeps } = createStage();
	const dynamodb = createMemoryTally();
	stage.dynamodb = dynamodb;
	await bus().check('dynamodb');
	await settled();
	const setBack = dynamodb.backUp();
	const thawed = Promise.withResolvers<void>();
	stage.dynamodb = {
		...dynamodb,
		write: async (...write) => {
			await thawed.promise;
			return dynamodb.write(...write);
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
	expect(await bus().check('dynamodb')).toBe('missed');
	await settled();
	expect(await tallies()).toEqual([3, 3]);
	expect(sweeps).toEqual(['dynamodb']);
	expect(stage.markers.listOpen()).toEqual([{ id: everySession, missing: 'dynamodb' }]);
});

test('a check that a freeze made too old is made again, if the bus reaches no other repository', async () => {
	const { clock, stage, bus, settled } = createStage();
	const setBacks = bus();
	await setBacks.check('dynamodb');
	await settled();
	clock.advance(10_001);
	const { dynamodb } = stage;
	let isFrozen = true;
	stage.dynamodb = {
		...dynamodb,
		read: async () => {
			if (isFrozen) clock.advance(20_000);
			isFrozen = false;
			return dynamodb.read();
		},
	};
	expect(await setBacks.insist('dynamodb')).toBe('none');
});
