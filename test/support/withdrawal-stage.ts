import assert from 'node:assert/strict';
import { createDoubts } from '../../functions/bus/doubt/doubts.ts';
import { repairSession } from '../../functions/repair/repair-session.ts';
import { settleNotes } from '../../functions/repair/settle-notes.ts';
import { doubtMs, type Ledger } from '../../functions/repositories/ledger.ts';
import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../functions/repositories/repository.ts';
import { withRevocation } from '../../functions/session/changes.ts';
import type { SessionId } from '../../functions/session/session.ts';
import type { TimerClock } from '../../functions/system/timers.ts';
import { exampleSession, exampleStartMs } from './example-session.ts';
import { freshSessionId } from './fresh-ids.ts';
import type { Gate } from './interleavings.ts';
import { noRepairs } from './no-repairs.ts';
import { timerOf } from './timer-of.ts';

/*
 * A bus acknowledges logouts that S3 has and DynamoDB missed. Meanwhile repairs give DynamoDB what
 * it missed and withdraw the note. A reader looks for the note in S3 and loads from DynamoDB, in
 * any order, within less than `doubtMs`. In no order of all these steps may a reader find both that
 * there is no note and a record without a logout that was acknowledged before.
 */

/** States to begin with. In each, DynamoDB and S3 hold the sessions alike at first. */
export const beginnings: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
	'nothing was missed before': async () => undefined,
	'an earlier change of the session was missed, by this bus': (stage) => stage.missed(stage.ann, 'this bus'),
	'an earlier change of the session was missed, by another bus': (stage) => stage.missed(stage.ann, 'another bus'),
	'a change of another session was missed, by this bus': (stage) => stage.missed(stage.bob, 'this bus'),
	'a change of another session was missed, by another bus': (stage) => stage.missed(stage.bob, 'another bus'),
	'this bus noted something that is repaired, and the repair died while the note was closing': async (stage) => {
		await stage.missed(stage.bob, 'this bus');
		await repairSession(stage.ports, stage.bob);
		const read = await stage.s3.ledger.readNote('dynamodb');
		await stage.s3.ledger.writeNote('dynamodb', 'closing', read.kind === 'known' ? read.note : undefined);
	},
};

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** `assert` checks here, because an `expect` takes ten times as long as the steps between two. */
export async function createStage(gate: Gate, begin: (stage: Stage) => Promise<void>) {
	const [ann, bob] = [freshSessionId(), freshSessionId()];
	const dynamodb = createMemoryRepository('dynamodb');
	const s3 = createMemoryRepository('s3');
	let gated = false;
	let nowMs = 0;

	/** The state after each step. */
	const states: { readonly behind: ReadonlySet<SessionId>; readonly noted: boolean }[] = [];
	/** The steps between which a bus or a repair waited for `doubtMs` or longer. */
	const waits: { readonly from: number; readonly to: number }[] = [];
	/** The step after which the logout of a session was acknowledged. */
	const acknowledged = new Map<SessionId, number>();

	async function note(): Promise<void> {
		const behind = new Set<SessionId>();
		for (const id of [ann, bob]) {
			const loaded = await dynamodb.load(id);
			if (loaded.kind !== 'found' || loaded.session.revocation === undefined) behind.add(id);
		}
		const read = await s3.ledger.readNote('dynamodb');
		states.push({ behind, noted: read.kind === 'known' && read.note !== undefined });
	}

	async function step<Result>(take: () => Promise<Result>): Promise<Result> {
		if (!gated) return take();
		await gate();
		const result = await take();
		await note();
		return result;
	}

	const clock: TimerClock = {
		now: () => ({ wallMs: nowMs, monotonicMs: nowMs }),
		delay: async (ms) => {
			const [from, untilMs] = [states.length - 1, nowMs + ms];
			await step(async () => {
				nowMs = Math.max(nowMs, untilMs);
			});
			if (ms >= doubtMs) waits.push({ from, to: states.length - 1 });
		},
		timer: (ms) => timerOf(clock.delay(ms)),
	};

	// Only calls whose effect or answer depends on other processes are steps.
	const repositories: readonly Repository[] = [
		{ ...dynamodb, merge: (...merge) => step(() => dynamodb.merge(...merge)) },
		{ ...s3, load: (id) => step(() => s3.load(id)), ledger: stepwise(s3.ledger, step) },
	];
	const ports = { repositories, subjects: createMemorySubjectIndex(), clock };
	const doubts = {
		'this bus': createDoubts(repositories, clock, noRepairs),
		'another bus': createDoubts(repositories, clock, noRepairs),
	};

	const stage = {
		ann,
		bob,
		s3,
		repositories,
		ports,
		missed: async (id: SessionId, by: keyof typeof doubts) => {
			await doubts[by].raise(id, ['dynamodb'], repositories.slice(1));
			nowMs += 10 * doubtMs;
		},
		logOut: (id: SessionId) => async () => {
			await step(() =>
				s3.merge(id, (stored) => stored && withRevocation(stored, { atMs: exampleStartMs, reason: 'logout' })),
			);
			assert.equal(await doubts['this bus'].raise(id, ['dynamodb'], repositories.slice(1)), true);
			acknowledged.set(id, states.length - 1);
		},
		repair: (id: SessionId) => async () => {
			assert.equal((await repairSession(ports, id)).kind, 'repaired');
			await settleNotes(ports);
		},
		play: async (processes: readonly (() => Promise<void>)[]) => {
			gated = true;
			await note();
			await Promise.all(processes.map((process) => process()));
			gated = false;
			for (const [id, at] of acknowledged) assert.equal(misled(id, at), undefined);
			await checkTheEnd();
		},
	};

	/**
	 * Describes a reader that could have relied on a record without the logout, if there is one.
	 */
	function misled(id: SessionId, acknowledgedAt: number): string | undefined {
		for (const [loadedAt, { behind }] of states.entries()) {
			if (loadedAt < acknowledgedAt || !behind.has(id)) continue;
			for (const [lookedAt, { noted }] of states.entries())
				if (!noted && isSoon(Math.min(loadedAt, lookedAt), Math.max(loadedAt, lookedAt)))
					return `acknowledged after step ${acknowledgedAt}, loaded after ${loadedAt}, looked after ${lookedAt}`;
		}
		return undefined;
	}

	/** Whether less than `doubtMs` may pass between two states. */
	function isSoon(earlier: number, later: number): boolean {
		return !waits.some(({ from, to }) => from > earlier && to <= later);
	}

	/**
	 * Delivers the messages of both sessions once more. Then no note, marker or difference may be
	 * left.
	 */
	async function checkTheEnd(): Promise<void> {
		for (const id of [ann, bob]) await stage.repair(id)();
		assert.deepEqual(await s3.ledger.readNote('dynamodb'), { kind: 'known', note: undefined });
		assert.deepEqual(await s3.ledger.anyMarker('dynamodb'), { kind: 'known', id: undefined });
		for (const id of [ann, bob]) assert.deepEqual(await dynamodb.load(id), await s3.load(id));
	}

	for (const id of [ann, bob]) {
		const session = exampleSession({ id });
		for (const repository of [dynamodb, s3]) await repository.merge(id, () => session);
	}
	await begin(stage);
	return stage;
}

function stepwise(ledger: Ledger, step: <Result>(take: () => Promise<Result>) => Promise<Result>): Ledger {
	return {
		writeMarker: (...args) => step(() => ledger.writeMarker(...args)),
		readMarker: (...args) => step(() => ledger.readMarker(...args)),
		removeMarker: (...args) => step(() => ledger.removeMarker(...args)),
		anyMarker: (...args) => step(() => ledger.anyMarker(...args)),
		readNote: (...args) => step(() => ledger.readNote(...args)),
		writeNote: (...args) => step(() => ledger.writeNote(...args)),
		removeNote: (...args) => step(() => ledger.removeNote(...args)),
		readTally: (...args) => step(() => ledger.readTally(...args)),
		writeTally: (...args) => step(() => ledger.writeTally(...args)),
	};
}
