import { beforeEach, expect, test } from 'vitest';
import { everySession } from '../../../functions/control-table/markers.ts';
import { createMemoryMarkers, type MemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import type { SweepTask } from '../../../functions/repair/repair-message.ts';
import { sweepPage } from '../../../functions/repair/sweep.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import { listPageMax } from '../../../functions/repositories/repository.ts';
import type { SubjectIndex } from '../../../functions/repositories/subject-index.ts';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { exampleSession, exampleStartMs } from '../../support/example-session.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';
import {
	type CorruptibleRepository,
	createCorruptibleRepository,
} from '../../support/memory/corruptible-repository.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

let dynamodb: CorruptibleRepository;
let s3: CorruptibleRepository;
let subjects: SubjectIndex;
let markers: MemoryMarkers;
let sessions: readonly Session[];
/** The sessions whose own repair was queued. */
let queued: SessionId[];
const queueRepair = async (id: SessionId) => void queued.push(id);

const at = { openedAtMs: exampleStartMs, expiresAtMs: undefined };

/** DynamoDB was set back to a moment before the sessions ended. S3 has two pages of them. */
beforeEach(async () => {
	[dynamodb, s3] = [createCorruptibleRepository('dynamodb'), createCorruptibleRepository('s3')];
	subjects = createMemorySubjectIndex();
	sessions = Array.from({ length: listPageMax + 1 }, () => exampleSession({ id: freshSessionId() }));
	for (const session of sessions) {
		await dynamodb.merge(session.id, () => session);
		await s3.merge(session.id, () => withRevocation(session, { atMs: session.createdAtMs + 1, reason: 'logout' }));
	}
	queued = [];
	markers = createMemoryMarkers();
	await markers.open(everySession, ['dynamodb'], at);
});

const ports = () => ({ repositories: [dynamodb, s3], subjects, markers, clock: createSettableClock() });

async function sweep(task: SweepTask) {
	const swept = await sweepPage(ports(), task, queueRepair);
	if (swept.kind === 'retry') throw new Error(swept.reason);
	return swept;
}

const isDoubted = () => markers.listOpen().length > 0;

const endedIn = async (repository: CorruptibleRepository) => {
	const stored = await Promise.all(sessions.map(({ id }) => repository.stored(id)));
	return stored.filter((session) => session?.revocation !== undefined).length;
};

test('a sweep repairs every session, page by page, and the doubt ends with the last page', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	expect(await endedIn(dynamodb)).toBe(listPageMax);
	expect(isDoubted()).toBe(true);
	expect(first.next).toBeDefined();
	const last = await sweep(first.next ?? { missing: 'dynamodb' });
	expect(last).toEqual({ kind: 'swept' });
	expect(queued).toEqual([]);
	expect(await endedIn(dynamodb)).toBe(sessions.length);
	expect(isDoubted()).toBe(false);
});

test('a page can be repeated, and so can a sweep that has ended', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	expect(await sweep({ missing: 'dynamodb' })).toEqual(first);
	await sweep(first.next ?? { missing: 'dynamodb' });
	expect(await sweep(first.next ?? { missing: 'dynamodb' })).toEqual({ kind: 'swept' });
	expect(isDoubted()).toBe(false);
});

test('a session that cannot be repaired keeps the repository in doubt, until its own repair is done', async () => {
	const [broken] = sessions as [Session];
	s3.spoil(broken.id);
	const first = await sweep({ missing: 'dynamodb' });
	await sweep(first.next ?? { missing: 'dynamodb' });
	expect(queued).toEqual([broken.id]);
	expect(markers.listOpen()).toEqual([{ id: broken.id, missing: 'dynamodb' }]);
});

test('if the repository is set back again, the doubt stays for the next sweep', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	await markers.open(everySession, ['dynamodb'], at);
	expect(await sweep(first.next ?? { missing: 'dynamodb' })).toEqual({ kind: 'swept' });
	expect(isDoubted()).toBe(true);
});

test.each(['list', 'look', 'open', 'settle', 'queue'] as const)(
	'if the other repository, the control table or the queue does not answer (%s), the page comes again',
	async (call) => {
		const [broken] = sessions as [Session];
		s3.spoil(broken.id);
		const failed = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;
		const repositories = call === 'list' ? [dynamodb, { ...s3, list: async () => failed }] : [dynamodb, s3];
		const unreachable = async () => {
			throw new Unreachable('control table', undefined);
		};
		const silent = {
			...ports(),
			repositories,
			markers: { ...markers, ...(call !== 'list' && { [call]: unreachable }) },
		};
		const queue = call === 'queue' ? unreachable : queueRepair;
		const first = await sweepPage(silent, { missing: 'dynamodb' }, queue);
		const next = first.kind === 'swept' ? first.next : undefined;
		const last = next === undefined ? first : await sweepPage(silent, next, queue);
		expect([first, last]).toContainEqual(expect.objectContaining({ kind: 'retry' }));
		expect(markers.listOpen()).toContainEqual({ id: everySession, missing: 'dynamodb' });
	},
);
