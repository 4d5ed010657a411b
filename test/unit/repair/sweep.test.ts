import { beforeEach, expect, test } from 'vitest';
import type { SweepTask } from '../../../functions/repair/repair-message.ts';
import { settleNotes } from '../../../functions/repair/settle-notes.ts';
import { sweepPage } from '../../../functions/repair/sweep.ts';
import { everySession } from '../../../functions/repositories/ledger.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import { listPageMax } from '../../../functions/repositories/repository.ts';
import type { SubjectIndex } from '../../../functions/repositories/subject-index.ts';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session } from '../../../functions/session/session.ts';
import { exampleSession } from '../../support/example-session.ts';
import { freshSessionId } from '../../support/fresh-ids.ts';
import {
	type CorruptibleRepository,
	createCorruptibleRepository,
} from '../../support/memory/corruptible-repository.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

let dynamodb: CorruptibleRepository;
let s3: CorruptibleRepository;
let subjects: SubjectIndex;
let sessions: readonly Session[];

/** DynamoDB was set back to a moment before the sessions ended. S3 has two pages of them. */
beforeEach(async () => {
	[dynamodb, s3] = [createCorruptibleRepository('dynamodb'), createCorruptibleRepository('s3')];
	subjects = createMemorySubjectIndex();
	sessions = Array.from({ length: listPageMax + 1 }, () => exampleSession({ id: freshSessionId() }));
	for (const session of sessions) {
		await dynamodb.merge(session.id, () => session);
		await s3.merge(session.id, () => withRevocation(session, { atMs: session.createdAtMs + 1, reason: 'logout' }));
	}
	await s3.ledger.writeMarker('dynamodb', everySession);
	await s3.ledger.writeNote('dynamodb', 'open', undefined);
});

const ports = () => {
	const clock = { ...createSettableClock(), delay: async () => undefined };
	return { repositories: [dynamodb, s3], subjects, clock };
};

async function sweep(task: SweepTask) {
	const swept = await sweepPage(ports(), task);
	if (swept.kind === 'retry') throw new Error(swept.reason);
	return swept;
}

const isDoubted = async () => {
	await settleNotes(ports());
	const read = await s3.ledger.readNote('dynamodb');
	return read.kind === 'failed' || read.note !== undefined;
};

const endedIn = async (repository: CorruptibleRepository) => {
	const stored = await Promise.all(sessions.map(({ id }) => repository.stored(id)));
	return stored.filter((session) => session?.revocation !== undefined).length;
};

test('a sweep repairs every session, page by page, and the doubt ends with the last page', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	expect(await endedIn(dynamodb)).toBe(listPageMax);
	expect(await isDoubted()).toBe(true);
	expect(first.next).toBeDefined();
	const last = await sweep(first.next ?? { missing: 'dynamodb' });
	expect(last).toEqual({ kind: 'swept', left: [] });
	expect(await endedIn(dynamodb)).toBe(sessions.length);
	expect(await isDoubted()).toBe(false);
});

test('a page can be repeated, and so can a sweep that has ended', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	expect(await sweep({ missing: 'dynamodb' })).toEqual(first);
	await sweep(first.next ?? { missing: 'dynamodb' });
	expect(await sweep(first.next ?? { missing: 'dynamodb' })).toEqual({ kind: 'swept', left: [] });
	expect(await isDoubted()).toBe(false);
});

test('a session that cannot be repaired keeps the repository in doubt, until its own repair is done', async () => {
	const [broken] = sessions as [Session];
	s3.spoil(broken.id);
	const first = await sweep({ missing: 'dynamodb' });
	const last = await sweep(first.next ?? { missing: 'dynamodb' });
	expect([...first.left, ...last.left]).toEqual([broken.id]);
	expect(await s3.ledger.anyMarker('dynamodb')).toEqual({ kind: 'known', id: broken.id });
	expect(await isDoubted()).toBe(true);
});

test('if the repository is set back again, the doubt stays for the next sweep', async () => {
	const first = await sweep({ missing: 'dynamodb' });
	await s3.ledger.writeMarker('dynamodb', everySession);
	expect(await sweep(first.next ?? { missing: 'dynamodb' })).toEqual({ kind: 'swept', left: [] });
	expect(await isDoubted()).toBe(true);
});

test.each(['list', 'ledger'] as const)(
	'if the other repository does not answer (%s), the page comes again',
	async (part) => {
		const failed = { kind: 'failed', reason: 'unavailable', cause: new Error('down') } as const;
		const silent = {
			list: { ...s3, list: async () => failed },
			ledger: { ...s3, ledger: { ...s3.ledger, readMarker: async () => failed } },
		};
		const repositories = [dynamodb, silent[part]];
		expect(await sweepPage({ ...ports(), repositories }, { missing: 'dynamodb' })).toMatchObject({ kind: 'retry' });
		expect(await isDoubted()).toBe(true);
	},
);
