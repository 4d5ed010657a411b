import { expect, test } from 'vitest';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import { exampleProof } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { sessionAt } from '../../../support/subject-client.ts';

const { skewMs } = timingDefaults;

/** The activity that is stored of a session that was created now, `reportedMs` from now. */
async function storedAfter(reportedMs: number): Promise<number | undefined> {
	const services = createMemoryServices();
	const { wallMs } = services.clock.now();
	const session = sessionAt(wallMs);
	for (const { merge } of services.repositories) await merge(session.id, () => session);
	await services.bus()({ operation: 'touch', sessionId: session.id, ...exampleProof, seenAtMs: wallMs + reportedMs });
	const loaded = await services.repositories[0]?.load(session.id);
	return loaded?.kind === 'found' ? loaded.session.lastSeenAtMs - wallMs : undefined;
}

test('activity that is reported from beyond the skew margin counts as if it were at the margin', async () => {
	expect(await storedAfter(skewMs + 1)).toBe(skewMs);
	expect(await storedAfter(86_400_000)).toBe(skewMs);
});

test('activity within the skew margin counts as reported, and earlier activity takes nothing back', async () => {
	expect(await storedAfter(skewMs)).toBe(skewMs);
	expect(await storedAfter(1)).toBe(1);
	expect(await storedAfter(-1)).toBe(0);
});

test('a session that somebody put back over one of its tombstones ends again with the next report of its use', async () => {
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const repositories = [dynamodb, s3] as const;
	const services = createMemoryServices({ repositories });
	const session = sessionAt(services.clock.now().wallMs);
	const about = { sessionId: session.id, ...exampleProof };
	const revocation = { atMs: session.createdAtMs, reason: 'logout' } as const;
	for (const { merge } of repositories) await merge(session.id, () => withRevocation(session, revocation));
	dynamodb.overwrite(session);
	expect(await services.bus()({ operation: 'read', ...about, demand: 'bounded' })).toMatchObject({ kind: 'found' });
	const report = { operation: 'touch', ...about, seenAtMs: session.createdAtMs + 1 } as const;
	expect(await services.bus()(report)).toMatchObject({ kind: 'revoked' });
	for (const { load } of repositories) expect(await load(session.id)).toMatchObject({ session: { revocation } });
});
