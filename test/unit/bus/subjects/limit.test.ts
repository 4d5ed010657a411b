import { expect, test } from 'vitest';
import type { Asker } from '../../../../functions/protocol/fields/asker.ts';
import { exampleProof, exampleSecretHash, exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { list, storeWatcher } from '../../../support/subject-client.ts';

async function setUp() {
	let calls = 0;
	const services = createMemoryServices();
	const bus = services.bus(() => {
		calls++;
		return 'done';
	});
	const [ann, annAgain, ben] = await Promise.all(
		['iss:ann', 'iss:ann', 'iss:ben'].map((subject) => storeWatcher(services.repositories, subject)),
	);
	if (ann === undefined || annAgain === undefined || ben === undefined) throw new Error('nothing was stored');
	const lists = async (times: number, asker: Asker) => {
		for (let index = 0; index < times; index++) await list(bus, asker);
	};
	return { services, bus, ann, annAgain, ben, lists, calls: () => calls };
}

test('a subject may ask for 200 lists at once and for five a second, and no call is made for more', async () => {
	const { services, bus, ann, ben, lists, calls } = await setUp();
	await lists(199, ann);
	expect((await list(bus, ann)).kind).toBe('listed');
	const before = calls();
	expect(await list(bus, ann)).toEqual({ kind: 'limited', waitMs: 200 });
	expect(calls()).toBe(before);
	expect((await list(bus, ben)).kind).toBe('listed');
	const session = exampleSession();
	const { id: sessionId, createdAtMs } = session;
	const revocation = { atMs: createdAtMs, reason: 'logout' } as const;
	const revoke = { operation: 'revoke', sessionId, revocation, changeId: 'c', proofWanted: false } as const;
	expect((await bus({ ...revoke, asker: ann })).kind).toBe('limited');
	expect((await bus({ ...revoke, asker: { sessionId, ...exampleProof } })).kind).toBe('absent');
	const end = { operation: 'revokeSubject', asker: ann, revocation, changeId: 'c' } as const;
	expect((await bus(end)).kind).toBe('limited');
	const quota = { max: 100, action: 'end-oldest' } as const;
	const create = { operation: 'create', session: { ...session, subject: 'iss:ann' }, quota } as const;
	expect((await bus(create)).kind).toBe('limited');
	services.clock.advance(200);
	expect((await list(bus, ann)).kind).toBe('listed');
});

test('the sessions of one subject have one limit together', async () => {
	const { bus, ann, annAgain, lists } = await setUp();
	await lists(200, ann);
	expect(await list(bus, annAgain)).toEqual({ kind: 'limited', waitMs: 200 });
});

test('messages with the hash of another secret take nothing from the subject', async () => {
	const { bus, ann, lists } = await setUp();
	for (const letter of 'abcde') await lists(200, { ...ann, secretHash: exampleSecretHash(letter) });
	expect((await list(bus, ann)).kind).toBe('listed');
});
