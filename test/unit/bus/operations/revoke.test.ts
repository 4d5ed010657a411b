import { expect, test } from 'vitest';
import { withRevocation } from '../../../../functions/session/changes.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleProof, exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const hourMs = 3_600_000;

/** Repositories with these records, and a function that ends the session. */
async function stage(...records: readonly Session[]) {
	const services = createMemoryServices();
	for (const [index, repository] of services.repositories.entries())
		await repository.merge(session.id, () => records[index]);
	const { wallMs } = services.clock.now();
	const end = (changeId: string) =>
		services.bus()({
			operation: 'revoke',
			sessionId: session.id,
			asker: { sessionId: session.id, ...exampleProof },
			revocation: { atMs: wallMs, reason: 'logout' },
			changeId,
			proofWanted: true,
		});
	const announced = async () => (await services.feed.read(0, Number.MAX_SAFE_INTEGER)).length;
	return { ...services, end, announced };
}

const { wallMs } = createMemoryServices().clock.now();
const tombstone = withRevocation(session, { atMs: wallMs - hourMs, reason: 'logout' });

test('a repeated logout is announced, however old the tombstone is', async () => {
	const { end, announced } = await stage(tombstone, tombstone);
	expect(await end('again')).toMatchObject({ kind: 'revoked', session: { revocation: tombstone.revocation } });
	expect(await announced()).toBe(1);
});

test('a logout is announced if the one that brought a repository the old tombstone was not', async () => {
	const { end, announced, feed } = await stage(tombstone, session);
	const { append } = feed;
	feed.append = () => Promise.reject(new Unreachable('control table', new Error('no answer')));
	expect((await end('first')).kind).toBe('unavailable');
	feed.append = append;
	expect((await end('again')).kind).toBe('revoked');
	expect(await announced()).toBe(1);
});
