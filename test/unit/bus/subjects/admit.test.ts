import { describe, expect, test } from 'vitest';
import type { QuotaAction } from '../../../../functions/access/quota.ts';
import { type Admission, admit, type LoginAttempt } from '../../../../functions/bus/subjects/admit.ts';
import type { EntryState } from '../../../../functions/bus/subjects/entry-state.ts';
import { entryOf, type SubjectEntry } from '../../../../functions/repositories/subject-index.ts';
import { exampleSessionId, exampleStartMs } from '../../../support/example-session.ts';
import { sessionAt } from '../../../support/subject-client.ts';

const nowMs = exampleStartMs + 600_000;

/** The entry of the session that began `number` seconds after the first. */
function entry(number: number, differing: Partial<SubjectEntry> = {}): SubjectEntry {
	const session = sessionAt(exampleStartMs + number * 1_000, { id: exampleSessionId(number) });
	return { ...entryOf(session), ...differing };
}

const own = entry(200);
const live: EntryState = { kind: 'counts', expiresAtMs: nowMs + 1_000 };

function login(differing: Partial<LoginAttempt> = {}): LoginAttempt {
	return {
		entry: own,
		quota: { max: 3, action: 'end-oldest' },
		nowMs,
		states: new Map(),
		wasThere: () => true,
		...differing,
	};
}

function known(states: Readonly<Record<number, EntryState>>, action: QuotaAction = 'end-oldest'): LoginAttempt {
	const pairs = Object.entries(states).map(([number, it]) => [exampleSessionId(Number(number)), it] as const);
	return login({ quota: { max: 3, action }, states: new Map(pairs) });
}

function ids(entries: readonly SubjectEntry[]): number[] {
	return entries.map(({ id }) => Buffer.from(id, 'base64url')[0] ?? 0);
}

function admitted(admission: Admission): { entries: number[]; toEnd: number[]; ending: number[] } {
	if (admission.kind !== 'admitted') throw new Error(admission.kind);
	const { entries, ending } = admission;
	return {
		entries: ids(entries),
		toEnd: ids(entries.filter((other) => other.ending === 'quota')),
		ending: ids(ending),
	};
}

describe('a login', () => {
	test('within the quota is admitted without a check of any session', () => {
		expect(admitted(admit([entry(1), entry(2)], login()))).toEqual({ entries: [1, 2, 200], toEnd: [], ending: [] });
	});

	test('does not count sessions beyond their age limit, and removes their entries a minute later', () => {
		const expired = [entry(1, { expiresAtMs: nowMs - 60_000 }), entry(2, { expiresAtMs: nowMs })];
		expect(admitted(admit([...expired, entry(3), entry(4)], login())).entries).toEqual([2, 3, 4, 200]);
	});

	test('that would be one too many asks for checks first, oldest sessions first', () => {
		const admission = admit([entry(3), entry(1), entry(2)], login());
		expect(admission).toEqual({ kind: 'check', unchecked: [entry(1), entry(2), entry(3)], enough: 1 });
	});

	test('takes the place of a session that is over and ends none', () => {
		const states = { 1: live, 2: { kind: 'over' }, 3: live } as const;
		for (const action of ['deny', 'end-next-expiring', 'end-oldest', 'end-all'] as const)
			expect(admitted(admit([entry(1), entry(2), entry(3)], known(states, action)))).toEqual({
				entries: [1, 3, 200],
				toEnd: [],
				ending: [],
			});
	});

	test('does not count a session that has just expired unused and keeps its entry', () => {
		const states = { 1: { kind: 'uncounted' }, 2: live, 3: live } as const;
		expect(admitted(admit([entry(1), entry(2), entry(3)], known(states)))).toEqual({
			entries: [1, 2, 3, 200],
			toEnd: [],
			ending: [],
		});
	});

	test('keeps an entry that is to end until the end of its session was acknowledged', () => {
		const toEnd = entry(1, { ending: 'quota' });
		const others = { ...known({ 1: { kind: 'over' } }), wasThere: () => false };
		expect(admitted(admit([toEnd, entry(2)], others))).toEqual({ entries: [1, 2, 200], toEnd: [1], ending: [] });
		expect(admitted(admit([toEnd, entry(2)], known({ 1: { kind: 'ended' } }))).entries).toEqual([2, 200]);
	});

	test('counts the entries that came during its checks, without checking them', () => {
		const newcomer = entry(150);
		const others = { ...known({ 1: live, 2: live }, 'deny'), wasThere: (id: string) => id !== newcomer.id };
		expect(admit([entry(1), entry(2), newcomer], others)).toEqual({ kind: 'denied' });
	});

	test('that is repeated finds its entry and is not counted twice', () => {
		expect(admit([entry(1), entry(2), own], login())).toEqual({ kind: 'repeated', ending: [] });
		const another = admit([entry(1), entry(2), entry(3), own], known({}, 'deny'));
		expect(another).toEqual({ kind: 'repeated', ending: [] });
	});

	test('that is repeated after somebody decided to end its session is told so', () => {
		const ownToEnd = { ...own, ending: 'administration' as const };
		expect(admit([ownToEnd], login())).toEqual({ kind: 'ended', reason: 'administration', ending: [] });
		const other = entry(1, { ending: 'quota' });
		expect(admit([other, ownToEnd], login())).toMatchObject({ kind: 'ended', ending: [other] });
	});

	test('that is repeated ends a session that it had checked before it decided to end it', () => {
		const toEnd = entry(1, { ending: 'quota' });
		const admission = admit([toEnd, entry(2), own], known({ 1: live, 2: live }));
		expect(admission).toEqual({ kind: 'repeated', ending: [toEnd] });
	});

	test('first ends the sessions that others decided to end and did not', () => {
		const toEnd = entry(1, { ending: 'quota' });
		expect(admit([toEnd, entry(2)], login())).toEqual({ kind: 'unfinished', ending: [toEnd] });
		expect(admit([toEnd, own], login())).toEqual({ kind: 'repeated', ending: [toEnd] });
	});

	test('leaves it to other logins to end what they decide to end at the same moment', () => {
		const toEnd = entry(1, { ending: 'quota' });
		const admission = admit([toEnd, entry(2)], login({ wasThere: (id) => id !== toEnd.id }));
		expect(admitted(admission)).toEqual({ entries: [1, 2, 200], toEnd: [1], ending: [] });
	});

	test('keeps the entry of a session that is to end and may still be stored, and does not count it', () => {
		const toEnd = entry(1, { ending: 'quota' });
		const admission = admit([toEnd, entry(2), entry(3)], known({ 1: { kind: 'awaited' } }));
		expect(admitted(admission)).toEqual({ entries: [1, 2, 3, 200], toEnd: [1], ending: [] });
	});
});

describe('the quota action', () => {
	const three = [entry(3), entry(1), entry(2)];
	const expiring = {
		1: live,
		2: { ...live, expiresAtMs: nowMs + 10 },
		3: { ...live, expiresAtMs: nowMs + 500 },
	} as const;

	test('deny admits no login beyond the quota', () => {
		expect(admit(three, known(expiring, 'deny'))).toEqual({ kind: 'denied' });
	});

	test('deny denies no login because of a session of which nothing is known', () => {
		const states = { ...expiring, 2: { kind: 'unknown', reason: 's3 is silent' } } as const;
		expect(admit(three, known(states, 'deny'))).toEqual({ kind: 'unknown', reason: 's3 is silent' });
	});

	test.each([
		['end-oldest', [1]],
		['end-next-expiring', [2]],
		['end-all', [3, 1, 2]],
	] as const)('%s ends %j', (action, ending) => {
		const admission = admitted(admit(three, known(expiring, action)));
		expect(admission).toEqual({ entries: [3, 1, 2, 200], toEnd: ending, ending });
	});

	test.each([
		['end-oldest', [1, 2]],
		['end-next-expiring', [3, 2]],
	] as const)('%s ends as many as it takes when the quota was lowered', (action, ending) => {
		const lowered = { ...known(expiring, action), quota: { max: 2, action } };
		expect(new Set(admitted(admit(three, lowered)).ending)).toEqual(new Set(ending));
	});
});

test('a login is neither admitted nor denied when the subject has as many entries as the index may hold', () => {
	const entries = Array.from({ length: 1_000 }, (_, index) => ({ ...entry(1), id: `${index}` as SubjectEntry['id'] }));
	expect(admit(entries, login())).toMatchObject({ kind: 'unknown' });
});
