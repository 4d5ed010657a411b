import { expect, test } from 'vitest';
import { timingDefaults, tombstoneSettledMs } from '../../../../functions/control-table/timing.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import { exampleProof, exampleSession, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const settledMs = tombstoneSettledMs(timingDefaults);

/** Ends a session that has this tombstone in both repositories, or in the first one. */
async function endAgain(endedMsAgo: number, where: 'everywhere' | 'in one repository') {
	const services = createMemoryServices();
	const nowMs = services.clock.now().wallMs;
	const tombstone = withRevocation(session, { atMs: nowMs - endedMsAgo, reason: 'logout' });
	for (const [index, repository] of services.repositories.entries())
		await repository.merge(session.id, () => (where === 'everywhere' || index === 0 ? tombstone : session));
	const answer = await services.bus()({
		operation: 'revoke',
		sessionId: session.id,
		asker: { sessionId: session.id, ...exampleProof },
		revocation: { atMs: nowMs, reason: 'logout' },
		changeId: 'again',
		proofWanted: true,
	});
	return { answer, announced: (await services.feed.read(0, Number.MAX_SAFE_INTEGER)).length };
}

test('a tombstone that is older than any copy is settled, and needs no announcement', async () => {
	const { answer, announced } = await endAgain(settledMs + 1, 'everywhere');
	expect(answer).toMatchObject({ kind: 'revoked', settled: true });
	expect(announced).toBe(0);
});

test('a tombstone from which a copy may be older is announced again', async () => {
	const { answer, announced } = await endAgain(settledMs, 'everywhere');
	expect(answer.kind).toBe('revoked');
	expect(answer).not.toHaveProperty('settled');
	expect(announced).toBe(1);
});

test('an old tombstone that a repository lacked is announced', async () => {
	const { answer, announced } = await endAgain(settledMs + 1, 'in one repository');
	expect(answer).not.toHaveProperty('settled');
	expect(announced).toBe(1);
});

test('a revocation that arrives late has the time when it is stored', async () => {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => session);
	const nowMs = services.clock.now().wallMs;
	const answer = await services.bus()({
		operation: 'revoke',
		sessionId: session.id,
		asker: { sessionId: session.id, ...exampleProof },
		revocation: { atMs: exampleStartMs - settledMs, reason: 'logout' },
		changeId: 'late',
		proofWanted: false,
	});
	expect(answer).toMatchObject({ kind: 'revoked', session: { revocation: { atMs: nowMs } } });
});
