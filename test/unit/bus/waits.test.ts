import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Bus, createBus } from '../../../functions/bus/bus.ts';
import { createMemoryFeed } from '../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { createMemoryTally } from '../../../functions/repositories/memory/tally.ts';
import { createOptimisticIndex, type StoredEntries } from '../../../functions/repositories/optimistic-change.ts';
import { loadFrom, mergeWithRetries, type RecordStore } from '../../../functions/repositories/optimistic-merge.ts';
import { type EncodedRecord, encodeRecord } from '../../../functions/repositories/record.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import type { SubjectIndex } from '../../../functions/repositories/subject-index.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import { createSchedule, epochMs } from '../../simulation/engine/schedule.ts';
import { exampleProof, exampleStamp } from '../../support/example-session.ts';
import { createDoubtPorts } from '../../support/memory/doubt-ports.ts';
import { noRepairs } from '../../support/no-repairs.ts';
import { create, logOut, sessionAt } from '../../support/subject-client.ts';
import { timerOf } from '../../support/timer-of.ts';

/*
 * The calls of the bus for a login, a change and a logout on virtual time: when each begins and
 * ends. They must be those in docs/protocol/waits.md.
 */

const latencies = { dynamodb: 4, s3: 25, memory: 0 } as const;

function setUp() {
	const schedule = createSchedule();
	let calls: string[] = [];
	let begunAtMs = 0;

	/** A call takes its latency, and has its effect at the end. */
	async function far<Result>(name: string, latencyMs: number, effect: () => Result | Promise<Result>): Promise<Result> {
		const from = schedule.now() - begunAtMs;
		calls.push(`${from}–${from + latencyMs} ${name}`);
		await new Promise<void>((resolve) => schedule.at(latencyMs, resolve));
		return effect();
	}

	function createRepository(name: RepositoryName): Repository {
		const records = new Map<SessionId, { readonly record: EncodedRecord; readonly revision: number }>();
		const call = <Result>(what: string, effect: () => Result) => far(`${name}: ${what}`, latencies[name], effect);
		const store: RecordStore<number> = {
			get: (id) =>
				call('read the record', () => {
					const stored = records.get(id);
					return stored === undefined ? { kind: 'absent' } : { kind: 'stored', ...stored };
				}),
			put: (session: Session, over) =>
				call('write the record', () => {
					if (records.get(session.id)?.revision !== over) return { kind: 'conflict' };
					records.set(session.id, { record: encodeRecord(session), revision: (over ?? 0) + 1 });
					return { kind: 'written' };
				}),
		};
		return {
			name,
			load: (id) => loadFrom(store, id),
			merge: (id, ...merging) => mergeWithRetries(store, id, ...merging),
			quarantine: async () => ({ kind: 'kept' }),
			list: async () => ({ kind: 'listed', ids: [] }),
			tally: createMemoryTally(),
		};
	}

	function createIndex(): SubjectIndex {
		const none: StoredEntries = { kind: 'stored', entries: [], used: [], revision: undefined };
		const items = new Map<string, StoredEntries>();
		const call = <Result>(what: string, effect: () => Result) =>
			far(`dynamodb: ${what} the entries`, latencies.dynamodb, effect);
		return createOptimisticIndex('dynamodb', {
			get: (subject) => call('read', () => items.get(subject) ?? none),
			setAside: async () => none,
			put: (subject, { revision = 0 }, entries, used) =>
				call('write', () => {
					items.set(subject, { kind: 'stored', entries, used, revision: revision + 1 });
					return 'written';
				}),
		});
	}

	const feed = createMemoryFeed();
	const delay = (ms: number) => new Promise<void>((resolve) => schedule.at(ms, resolve));
	const bus: Bus = createBus({
		repositories: [createRepository('dynamodb'), createRepository('s3')],
		subjects: createIndex(),
		...createDoubtPorts(),
		repairs: noRepairs,
		leases: createMemoryLeaseTable(),
		feed: {
			...feed,
			append: (entry) => far('control table: append to the feed', latencies.dynamodb, () => feed.append(entry)),
		},
		clock: {
			now: () => ({ wallMs: epochMs + schedule.now(), monotonicMs: schedule.now() }),
			delay,
			timer: (ms) => timerOf(delay(ms)),
		},
		timing: timingDefaults,
		log: () => undefined,
	});

	return {
		bus,
		nowMs: () => epochMs + schedule.now(),
		/** Runs virtual time until the answer. @returns the calls since the message was sent */
		callsOf: async (send: () => ReturnType<Bus>, kind: string): Promise<readonly string[]> => {
			calls = [];
			begunAtMs = schedule.now();
			let done = false;
			const answering = send().finally(() => {
				done = true;
			});
			await schedule.run(() => done);
			expect((await answering).kind).toBe(kind);
			return [...calls, `answered after ${schedule.now() - begunAtMs}`];
		},
	};
}

/** The rows of one operation. */
function documented(operation: string): readonly string[] {
	const text = readFileSync(new URL('../../../docs/protocol/waits.md', import.meta.url), 'utf8');
	const [, section = ''] = text.split(`\n## ${operation}\n`);
	const [part = ''] = section.split('\n## ');
	const rows = [...part.matchAll(/^\| (\d+–\d+) +\| ([^|]*?) +\|/gm)].map(([, ms, call]) => `${ms} ${call}`);
	return [...rows, `answered after ${/answers after (\d+) ms/.exec(part)?.[1]}`];
}

test('the bus waits for the calls that the document names, and answers after them', async () => {
	const { bus, callsOf, nowMs } = setUp();
	const session = sessionAt(nowMs());
	const quota = { max: 100, action: 'end-oldest' } as const;
	const change = {
		operation: 'update',
		sessionId: session.id,
		...exampleProof,
		changes: { theme: 'dark' },
		stamp: exampleStamp(1),
	} as const;
	expect(await callsOf(() => create(bus, session, quota), 'found')).toEqual(documented('Login'));
	expect(await callsOf(() => bus(change), 'found')).toEqual(documented('Change'));
	const end = { atMs: nowMs(), reason: 'logout' } as const;
	expect(await callsOf(() => logOut(bus, session, end), 'revoked')).toEqual(documented('Logout'));
});
