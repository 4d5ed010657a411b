import { expect, test } from 'vitest';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

/** A server with a session of ada. `silence` makes its bus fail from then on for this operation. */
async function setUp() {
	let silent = '';
	const { server, feed, clock } = createMemoryDeployment([], {
		reach: (bus) => async (message, withinMs) => {
			const receipt = { asked: [], degraded: true };
			return message.operation === silent ? { kind: 'unavailable', reason: 'down', receipt } : bus(message, withinMs);
		},
	});
	const former = await server.login(identity);
	if (former.kind !== 'established') throw new Error(former.kind);
	const isLive = async () => (await server.view(former.token)).kind === 'found';
	return { server, feed, clock, former, isLive, silence: (operation: string) => (silent = operation) };
}

test('a login ends the live session of the same subject that it came with, and says so', async () => {
	const { server, former, isLive } = await setUp();
	const loggedIn = await server.login(identity, former.token);
	expect(loggedIn).toMatchObject({ kind: 'established', replaced: { handle: former.session.id, ended: true } });
	expect(await isLive()).toBe(false);
	expect(await server.login(identity, former.token), 'it has ended').not.toHaveProperty('replaced');
});

test('a login leaves the session of another subject alone', async () => {
	const { server, former, isLive } = await setUp();
	const loggedIn = await server.login({ ...identity, subject: 'eve' }, former.token);
	expect(loggedIn).toMatchObject({ kind: 'established' });
	expect(loggedIn).not.toHaveProperty('replaced');
	expect(await isLive()).toBe(true);
});

test('a login whose token is not valid is a login without one', async () => {
	const { server } = await setUp();
	const loggedIn = await server.login(identity, 'nonsense');
	expect(loggedIn).toMatchObject({ kind: 'established' });
	expect(loggedIn).not.toHaveProperty('replaced');
});

test('a login that fails leaves the former session alone', async () => {
	const { server, former, isLive, silence } = await setUp();
	silence('create');
	expect(await server.login(identity, former.token)).toMatchObject({ kind: 'unavailable' });
	expect(await isLive()).toBe(true);
});

test('a login succeeds if the former session cannot be ended, and says so', async () => {
	const { server, former, isLive, silence } = await setUp();
	silence('revoke');
	const loggedIn = await server.login(identity, former.token);
	expect(loggedIn).toMatchObject({ kind: 'established', replaced: { handle: former.session.id, ended: false } });
	expect(await isLive()).toBe(true);
});

test('a login keeps the attributes of the session that it replaces', async () => {
	const { server, former, isLive } = await setUp();
	await server.update(former.token, { theme: 'dark', cart: '3', gone: '1' });
	await server.update(former.token, { gone: null });
	const loggedIn = await server.login(identity, former.token);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	expect(loggedIn).toMatchObject({ replaced: { handle: former.session.id, ended: true } });
	expect(loggedIn.replaced).not.toHaveProperty('attributesLost');
	const values = { theme: { value: 'dark' }, cart: { value: '3' } };
	expect(loggedIn.session.attributes).toMatchObject(values);
	expect(Object.keys(loggedIn.session.attributes).sort()).toEqual(['cart', 'theme']);
	expect(await server.view(loggedIn.token)).toMatchObject({ session: { attributes: values } });
	expect(await isLive()).toBe(false);
});

test('a login of another subject gets no attributes of the session that it came with', async () => {
	const { server, former } = await setUp();
	await server.update(former.token, { theme: 'dark' });
	const loggedIn = await server.login({ ...identity, subject: 'eve' }, former.token);
	expect(loggedIn).toMatchObject({ kind: 'established', session: { attributes: {} } });
});

test('a login ends the former session if its attributes cannot be kept, and says so', async () => {
	const { server, former, isLive, silence } = await setUp();
	await server.update(former.token, { theme: 'dark' });
	silence('update');
	expect(await server.login(identity, former.token)).toMatchObject({
		kind: 'established',
		session: { attributes: {} },
		replaced: { handle: former.session.id, ended: true, attributesLost: true },
	});
	expect(await isLive()).toBe(false);
});

test('a login that knows only an old copy of the former session keeps its attributes, and says that some may lack', async () => {
	const { server, feed, clock, silence } = await setUp();
	const former = await server.login({ ...identity, attributes: { theme: 'dark' } });
	if (former.kind !== 'established') throw new Error(former.kind);
	clock.advance(500);
	const { read } = feed;
	Object.assign(feed, { read: () => Promise.reject(new Unreachable('control table', new Error('down'))) });
	silence('read');
	expect(await server.login(identity, former.token)).toMatchObject({
		kind: 'established',
		session: { attributes: { theme: { value: 'dark' } } },
		replaced: { handle: former.session.id, ended: true, attributesLost: true },
	});
	Object.assign(feed, { read });
	silence('');
	expect(await server.view(former.token)).toMatchObject({ kind: 'refused', code: 'session_revoked' });
});
