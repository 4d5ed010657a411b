import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { signCarried, withReportedUse } from '../../../../functions/carried/carried-copy.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { touchIntervalMs } from '../../../../functions/session/lifetime.ts';
import type { Session } from '../../../../functions/session/session.ts';
import type { AskBus } from '../../../../functions/session-server/bus-client.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { createActivity, createUses } from '../../../../functions/session-server/memory/activity.ts';
import { createCopies } from '../../../../functions/session-server/memory/copies.ts';
import { createKnownEnds } from '../../../../functions/session-server/memory/known-ends.ts';
import { nobody } from '../../../../functions/session-server/request.ts';
import { exampleProof, exampleSession, exampleSessionId } from '../../../support/example-session.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

test.each([
	['aal1', 300_000],
	['aal2', 300_000],
	['aal3', 75_000],
] as const)('the activity of a session with the timeouts of %s is reported every %i ms', (preset, expectedMs) => {
	const session = exampleSession({ idleTimeoutMs: timeoutPresets[preset].idleMs });
	expect(touchIntervalMs(session, timingDefaults)).toBe(expectedMs);
});

/** A bus that never answers, and when the message to it has left is up to the test. */
function createReporter(delay: Promise<void>, { idleMs }: { readonly idleMs: number } = timeoutPresets.aal2) {
	const session = exampleSession({ idleTimeoutMs: idleMs });
	let depart: () => void = () => undefined;
	const reported: number[] = [];
	const recordActivity = createActivity({
		askBus: (_waiting, _operation, fields, _withinMs, departed = () => undefined) => {
			if ('seenAtMs' in fields) reported.push(Number(fields.seenAtMs));
			depart = departed;
			return new Promise(() => undefined);
		},
		clock: { ...createSettableClock(), delay: () => delay },
		copies: createCopies(1_000_000),
		ends: createKnownEnds(),
		log: () => undefined,
		timing: timingDefaults,
		uses: createUses(),
	});
	const use = (afterMs: number, text?: string) =>
		recordActivity(
			{ session, ...exampleProof },
			session.lastSeenAtMs + afterMs,
			text === undefined ? undefined : { calls: nobody(), text, takesCopy: true },
		);
	return { session, use, reported, depart: () => depart() };
}

async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
	const later = new Promise<'later'>((resolve) => setImmediate(resolve, 'later'));
	return (await Promise.race([promise, later])) !== 'later';
}

test('the use of a session waits until its report has left, and not for the answer', async () => {
	const { session, use, reported, depart } = createReporter(new Promise(() => undefined));
	expect(use(timingDefaults.touchIntervalMs)).toBeUndefined();
	const waiting = use(timingDefaults.touchIntervalMs + 1);
	expect(reported).toEqual([session.lastSeenAtMs + timingDefaults.touchIntervalMs + 1]);
	expect(await isSettled(waiting)).toBe(false);
	expect(use(timingDefaults.touchIntervalMs + 2)).toBeUndefined();
	depart();
	expect(await isSettled(waiting)).toBe(true);
});

test('nobody waits for long for a report that cannot leave', async () => {
	const { use } = createReporter(Promise.resolve());
	expect(await isSettled(use(timingDefaults.touchIntervalMs + 1))).toBe(true);
});

test('a repository that missed a report does not set the use back when it answers next', () => {
	const session = exampleSession();
	const toldMs = session.lastSeenAtMs + 1_000;
	const uses = createUses();
	uses.reported(session.id, toldMs);
	expect(uses.carried(session.id)).toEqual({});
	expect(uses.join(session).lastSeenAtMs).toBe(toldMs);
});

test('a repository that missed reports for the whole idle timeout does not set the use back either', () => {
	const session = exampleSession();
	const toldMs = session.lastSeenAtMs + session.idleTimeoutMs + 1_000;
	const uses = createUses();
	uses.reported(session.id, toldMs);
	expect(uses.join(session).lastSeenAtMs).toBe(toldMs);
	const usedMs = toldMs + 1_000;
	uses.add({ session: { ...session, lastSeenAtMs: toldMs }, ...exampleProof }, usedMs);
	expect(uses.join(session).lastSeenAtMs).toBe(usedMs);
});

test('a repository that missed the end of a session does not set its use back when it answers next', () => {
	const session = exampleSession();
	const usedMs = session.lastSeenAtMs + 1_000;
	const uses = createUses();
	uses.add({ session, ...exampleProof }, usedMs);
	uses.ended(session.id);
	expect(uses.toReport(session.id)).toBeUndefined();
	expect(uses.join(session).lastSeenAtMs).toBe(usedMs);
});

test('use that was not reported for long is reported step by step, each step before the idle expiry', () => {
	const session = exampleSession();
	const { lastSeenAtMs: startMs, idleTimeoutMs } = session;
	const steps = [0.1, 0.4, 0.9, 1.2, 1.8, 2.5].map((part) => startMs + part * idleTimeoutMs);
	const uses = createUses();
	for (const atMs of steps) uses.add({ session, ...exampleProof }, atMs);
	expect(uses.join(session).lastSeenAtMs).toBe(steps.at(-1));
	let reportedMs = startMs;
	while (uses.carried(session.id).seenAtMs !== undefined) {
		const next = Number(uses.carried(session.id).seenAtMs);
		expect(next - reportedMs).toBeLessThan(idleTimeoutMs);
		reportedMs = next;
		uses.reported(session.id, reportedMs);
	}
	expect(reportedMs).toBe(steps.at(-1));
});

describe('the use of a session whose client carries a copy', () => {
	const { privateKey } = generateKeyPairSync('ed25519');
	const { touchIntervalMs: intervalMs, skewMs } = timingDefaults;
	const never = new Promise<void>(() => undefined);

	/** The copy of a client after use that this instance does not know. */
	function copyAfter(ms: number): string {
		return copyOf(exampleSession({ lastSeenAtMs: exampleSession().lastSeenAtMs + ms }));
	}

	function copyOfAnother(): string {
		return copyOf(exampleSession({ id: exampleSessionId(9) }));
	}

	function copyOf(session: Session): string {
		const receipt = { asked: [], degraded: false };
		return signCarried({ id: 'key-1', privateKey }, { session, knownAtMs: session.lastSeenAtMs, receipt }) ?? '';
	}

	test('is not reported again for the interval after another instance has reported it', () => {
		const { use, reported } = createReporter(never);
		const text = copyAfter(200_000);
		expect(use(intervalMs + 1, text)).toBeUndefined();
		expect(use(intervalMs + 200_000, text)).toBeUndefined();
		expect(reported).toEqual([]);
		expect(use(intervalMs + 200_001, text)).toBeDefined();
		expect(reported).toHaveLength(1);
	});

	test('waits for no answer while most of the life of the copy is left, and is noted in the text', async () => {
		const { use, reported, depart } = createReporter(never, timeoutPresets.aal3);
		const text = copyAfter(0);
		const waiting = use(75_001, text);
		expect(await isSettled(waiting)).toBe(false);
		depart();
		const noted = await waiting;
		expect(noted).toBe(withReportedUse(text, Number(reported[0])));
		const other = createReporter(never, timeoutPresets.aal3);
		expect(other.use(150_001, noted)).toBeUndefined();
		expect(other.use(150_002, noted)).toBeDefined();
	});

	test.each([
		['a third of its life is over', copyAfter(0), 300_001],
		['it is of another session', copyOfAnother(), 75_001],
	])('waits for the answer if the client needs a new copy: %s', async (_, text, afterMs) => {
		const { use, depart } = createReporter(never, timeoutPresets.aal3);
		const waiting = use(afterMs, text);
		depart();
		expect(await isSettled(waiting)).toBe(false);
	});

	test.each([
		['tells of no later use', copyAfter(0)],
		['tells of use in the future', copyAfter(intervalMs + 2 + skewMs)],
		['cannot be read', `1.abc.key-1.${Buffer.from('{}').toString('base64url')}.`],
		['is no copy', 'no copy'],
	])('is reported if the copy %s', (_, text) => {
		const { use, reported } = createReporter(never);
		expect(use(intervalMs + 1, text)).toBeDefined();
		expect(reported).toHaveLength(1);
	});
});

test('a client never gets the copy of another session, whose report is repeated with its request', async () => {
	const [ann, ben] = [exampleSession(), exampleSession({ id: freshSessionId() })];
	const clock = createSettableClock();
	let answers = 0;
	const recordActivity = createActivity({
		askBus: (async () => {
			answers++;
			const receipt = { asked: [], degraded: false };
			if (answers === 1) return { kind: 'unavailable', reason: 'lost', receipt };
			return { kind: 'found', session: ann, receipt, carried: 'the copy of ann' };
		}) as AskBus,
		clock: { ...clock, delay: () => new Promise(() => undefined) },
		copies: createCopies(1_000_000),
		ends: createKnownEnds(),
		log: () => undefined,
		timing: timingDefaults,
		uses: createUses(),
	});
	await recordActivity({ session: ann, ...exampleProof }, ann.lastSeenAtMs + timingDefaults.touchIntervalMs + 1);
	await new Promise((resolve) => setImmediate(resolve));
	clock.advance(20_000);
	const carrying = { calls: nobody(), text: 'the copy of ben', takesCopy: true };
	expect(await recordActivity({ session: ben, ...exampleProof }, ben.lastSeenAtMs + 1_000, carrying)).toBeUndefined();
	expect(answers).toBe(2);
});
