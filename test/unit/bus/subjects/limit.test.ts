import { expect, test } from 'vitest';
import type { Message } from '../../../../functions/protocol/messages.ts';
import { exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

test('a subject may ask for 200 lists at once and for five a second, and no call is made for more', async () => {
	let calls = 0;
	const services = createMemoryServices();
	const bus = services.bus(() => {
		calls++;
		return 'done';
	});
	const list = (subject: string): Message => ({ operation: 'list', subject });
	for (let lists = 0; lists < 200; lists++) expect((await bus(list('iss:ann'))).kind).toBe('listed');
	const before = calls;
	expect(await bus(list('iss:ann'))).toEqual({ kind: 'limited', waitMs: 200 });
	expect(calls).toBe(before);
	expect((await bus(list('iss:ben'))).kind).toBe('listed');
	const session = exampleSession();
	const quota = { max: 100, action: 'end-oldest' } as const;
	const revocation = { atMs: session.createdAtMs, reason: 'logout' } as const;
	const own = { operation: 'revoke', sessionId: session.id, revocation, changeId: 'c', proofWanted: false } as const;
	expect((await bus({ ...own, subject: 'iss:ann' })).kind).toBe('limited');
	expect((await bus(own)).kind).toBe('absent');
	const endAll = { operation: 'revokeSubject', subject: 'iss:ann', revocation, changeId: 'c' } as const;
	expect((await bus(endAll)).kind).toBe('limited');
	const create = { operation: 'create', session: { ...session, subject: 'iss:ann' }, quota } as const;
	expect((await bus(create)).kind).toBe('limited');
	services.clock.advance(200);
	expect((await bus(list('iss:ann'))).kind).toBe('listed');
});
