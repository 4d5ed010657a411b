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

test('a session that has ended, and whose old record somebody put back in one repository, ends with its next report', async () => {
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	const bus = services.bus();
	const { wallMs } = services.clock.now();
	const session = sessionAt(wallMs);
	const about = { sessionId: session.id, ...exampleProof };
	const ended = withRevocation(session, { atMs: wallMs, reason: 'logout' });
	for (const { merge } of services.repositories) await merge(session.id, () => ended);
	dynamodb.overwrite(session);
	const read = () => bus({ operation: 'read', ...about, demand: 'bounded' });
	expect(await read()).toMatchObject({ kind: 'found' });
	expect(await bus({ operation: 'touch', ...about, seenAtMs: wallMs + 1 })).toMatchObject({ kind: 'revoked' });
	expect(await read()).toMatchObject({ kind: 'revoked' });
});
