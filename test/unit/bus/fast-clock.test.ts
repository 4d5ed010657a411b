import { expect, test } from 'vitest';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import type { ReadEntries } from '../../../functions/repositories/subject-index.ts';
import { makeStamp } from '../../../functions/session/stamp.ts';
import { exampleProof } from '../../support/example-session.ts';
import { createMemoryServices } from '../../support/memory/memory-bus.ts';
import { askerOf, create, endAll, listed, liveOf, sessionAt, subject } from '../../support/subject-client.ts';

/** Beyond the idle timeout of the sessions, so that they seem to be over. */
const aheadMs = 40 * 60_000;
const quota = { max: 3, action: 'end-oldest' } as const;

/*
 * Everything that a bus writes while its clock is far ahead, and what becomes of it when the clock
 * is right again: records, entries, markers, tallies and announcements.
 */

async function afterAFastBus() {
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const services = createMemoryServices({ repositories: [dynamodb, s3] });
	const bus = services.bus();
	const nowMs = services.clock.now().wallMs;
	const [kept, changed, ended] = [0, 1, 2].map((ms) => sessionAt(nowMs + ms)) as [
		ReturnType<typeof sessionAt>,
		ReturnType<typeof sessionAt>,
		ReturnType<typeof sessionAt>,
	];
	for (const session of [kept, changed, ended]) await create(bus, session, quota);

	services.clock.advance(aheadMs);
	const fast = services.bus((call) => (call === 'merge in dynamodb' ? 'fails' : 'done'));
	const update = {
		sessionId: changed.id,
		...exampleProof,
		changes: { theme: 'dark' },
		stamp: makeStamp(nowMs, 0, 'node'),
	};
	expect(await fast({ operation: 'update', ...update })).toMatchObject({ kind: 'found', receipt: { degraded: true } });
	const revocation = { atMs: nowMs, reason: 'logout' } as const;
	const out = { sessionId: ended.id, asker: askerOf(ended), revocation, changeId: 'end', proofWanted: false };
	expect(await fast({ operation: 'revoke', ...out })).toMatchObject({ kind: 'revoked' });
	expect(await listed(services.bus())).toEqual([]);
	const { entries } = (await services.subjects.read(subject)) as ReadEntries;
	expect(entries.map(({ id }) => id)).not.toContain(kept.id);
	services.clock.advance(-aheadMs);
	services.clock.advance(60_000);
	return { services, bus: services.bus(), kept, changed, ended };
}

test('the writes of a bus whose clock was far ahead keep no session from being used, changed and ended', async () => {
	const { services, bus, kept, changed, ended } = await afterAFastBus();
	await services.drainRepairs();
	expect(services.repairs.size).toBe(0);
	expect(await liveOf(bus, [kept, changed, ended])).toEqual([kept.id, changed.id]);
	const seenAtMs = services.clock.now().wallMs;
	for (const { id } of [kept, changed]) {
		const touched = await bus({ operation: 'touch', sessionId: id, ...exampleProof, seenAtMs });
		expect(touched).toMatchObject({ kind: 'found', session: { lastSeenAtMs: seenAtMs } });
	}
	const changes = { theme: 'light' };
	const updated = await bus({
		operation: 'update',
		sessionId: changed.id,
		...exampleProof,
		changes,
		stamp: makeStamp(seenAtMs, 0, 'node'),
	});
	expect(updated).toMatchObject({ kind: 'found', session: { attributes: { theme: { value: 'light' } } } });
	expect(await listed(bus)).toEqual([changed.id, kept.id]);
	expect(await create(bus, sessionAt(seenAtMs), quota)).toMatchObject({ kind: 'found' });
	expect(await endAll(bus, seenAtMs)).toMatchObject({ ended: 3, more: false });
	expect(await services.subjects.read(subject)).toEqual({ kind: 'read', entries: [] });
});

test('the markers and tallies that it wrote are settled and counted on like any others', async () => {
	const { services, bus, kept } = await afterAFastBus();
	const [dynamodb] = services.repositories;
	const { markers } = services.doubt;
	expect(markers.listOpen()).toHaveLength(2);
	await services.drainRepairs();
	expect(markers.listOpen()).toEqual([]);
	const count = async () => {
		const read = await dynamodb?.tally.read();
		return read?.kind === 'known' ? (read.tally?.count ?? 0) : 0;
	};
	const before = await count();
	await bus({ operation: 'read', sessionId: kept.id, ...exampleProof, demand: 'strict' });
	await new Promise((resolve) => setTimeout(resolve, 20));
	expect(await count()).toBe(before + 1);
});
