import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MessageOf } from '../../../../functions/protocol/messages.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { type Identity, limitsOf } from '../../../../functions/session-server/operations/login.ts';
import { type RandomBytes, systemRandomBytes } from '../../../../functions/system/random.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const hours = 3_600_000;

describe('the limits of a new session', () => {
	test.each<[keyof typeof timeoutPresets, 1 | 2 | 3, number, { level: number; absoluteH: number; idleH: number }]>([
		['aal2', 3, 0, { level: 3, absoluteH: 12, idleH: 0.25 }],
		['aal1', 3, 0, { level: 3, absoluteH: 12, idleH: 0.25 }],
		['aal2', 2, 0, { level: 2, absoluteH: 24, idleH: 1 }],
		['aal1', 2, 0, { level: 2, absoluteH: 720, idleH: 720 }],
		['aal3', 2, 0, { level: 2, absoluteH: 12, idleH: 0.25 }],
		['aal2', 3, 11, { level: 3, absoluteH: 1, idleH: 0.25 }],
		['aal2', 3, 12, { level: 2, absoluteH: 12, idleH: 1 }],
		['aal1', 2, 24, { level: 1, absoluteH: 696, idleH: 720 }],
	])('with the preset %s, for level %i, authenticated %i hours ago', (preset, assuranceLevel, agoH, expected) => {
		const identity = { assuranceLevel, authenticatedAtMs: exampleStartMs - agoH * hours };
		const limits = limitsOf(identity, timeoutPresets[preset], exampleStartMs);
		expect({
			level: limits.assuranceLevel,
			absoluteH: (limits.absoluteExpiresAtMs - exampleStartMs) / hours,
			idleH: limits.idleTimeoutMs / hours,
		}).toEqual(expected);
	});

	test('are the configured ones where these are shorter than those of level 3', () => {
		const identity = { assuranceLevel: 3, authenticatedAtMs: exampleStartMs } as const;
		expect(limitsOf(identity, { absoluteMs: 1_000, idleMs: 500 }, exampleStartMs)).toMatchObject({
			absoluteExpiresAtMs: exampleStartMs + 1_000,
			idleTimeoutMs: 500,
		});
	});

	const minute = 60_000;
	test.each<[string, Partial<Identity>, { absoluteMs: number; idleMs: number }]>([
		['are those of its login', { assuranceLevel: 1 }, { absoluteMs: 10 * minute, idleMs: minute }],
		['are those of its login at level 3 also', { assuranceLevel: 3 }, { absoluteMs: 10 * minute, idleMs: minute }],
	])('%s', (_, identity, timeouts) => {
		const login = { assuranceLevel: 1, authenticatedAtMs: exampleStartMs, ...identity, timeouts } as const;
		expect(limitsOf(login, timeoutPresets.aal2, exampleStartMs)).toMatchObject({
			absoluteExpiresAtMs: exampleStartMs + timeouts.absoluteMs,
			idleTimeoutMs: timeouts.idleMs,
		});
	});

	test('are never above those of the level, nor above those of level 3 for a session of that level', () => {
		const level = fc.constantFrom(1, 2, 3);
		const timeouts = fc.record({ absoluteMs: fc.integer({ min: 1 }), idleMs: fc.integer({ min: 1 }) });
		fc.assert(
			fc.property(level, timeouts, timeouts, (assuranceLevel, limits, own) => {
				const login = { assuranceLevel, authenticatedAtMs: exampleStartMs, timeouts: own } as const;
				const { absoluteExpiresAtMs, idleTimeoutMs } = limitsOf(login, limits, exampleStartMs);
				const most = assuranceLevel === 3 ? [own, limits, timeoutPresets.aal3] : [own, limits];
				expect(absoluteExpiresAtMs - exampleStartMs).toBe(Math.min(...most.map(({ absoluteMs }) => absoluteMs)));
				expect(idleTimeoutMs).toBe(Math.min(...most.map(({ idleMs }) => idleMs)));
			}),
		);
	});

	test('are no longer if the issuer says that the subject authenticates in a moment', () => {
		const identity = { assuranceLevel: 1, authenticatedAtMs: exampleStartMs + 50_000 } as const;
		expect(limitsOf(identity, timeoutPresets.aal2, exampleStartMs).absoluteExpiresAtMs).toBe(
			exampleStartMs + 24 * hours,
		);
	});
});

describe('a login', () => {
	const { server, clock } = createMemoryDeployment([]);
	const identity = (differing: Partial<Identity>): Identity => ({
		subject: 'ada',
		scopes: [],
		assuranceLevel: 3,
		authenticatedAtMs: clock.now().wallMs,
		...differing,
	});

	test.each([
		[24 * hours, 'authentication-too-old'],
		[24 * hours - 1, 'established'],
	])('with an authentication of %i ms ago is %s', async (agoMs, kind) => {
		expect(await server.login(identity({ authenticatedAtMs: exampleStartMs - agoMs }))).toMatchObject({ kind });
	});

	test('keeps that the time of its authentication is unknown', async () => {
		const loggedIn = await server.login(identity({ authenticationTimeUnknown: true }));
		expect(loggedIn).toMatchObject({ session: { credential: { authenticationTimeUnknown: true } } });
	});

	test('begins with the attributes of its identity, which later changes replace', async () => {
		const loggedIn = await server.login(identity({ attributes: { email: 'ada@example.com', age: 36 } }));
		if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
		const { email, age } = loggedIn.session.attributes;
		expect([email, age]).toMatchObject([{ value: 'ada@example.com' }, { value: 36 }]);
		expect(age?.stamp, 'one change has one stamp').toBe(email?.stamp);
		const updated = await server.update(loggedIn.token, { email: null, age: 37 });
		expect(updated).toMatchObject({ session: { attributes: { email: { deleted: true }, age: { value: 37 } } } });
	});

	test('uses up its ID token', async () => {
		const idToken = { digest: 'A'.repeat(43), expiresAtMs: exampleStartMs + hours };
		expect(await server.login(identity({ subject: 'grace', idToken }))).toMatchObject({ kind: 'established' });
		expect(await server.login(identity({ subject: 'grace', idToken }))).toEqual({ kind: 'token-used' });
	});

	test('draws its id and its secret, 16 random bytes each, so that no two sessions have the same', async () => {
		const drawn: number[] = [];
		const randomBytes: RandomBytes = (length) => {
			drawn.push(length);
			return systemRandomBytes(length);
		};
		const other = createMemoryDeployment([], { randomBytes }).server;
		await other.login(identity({}));
		drawn.length = 0;
		const sessions = [await other.login(identity({})), await other.login(identity({}))].map((loggedIn) => {
			if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
			return [loggedIn.token, loggedIn.session.id, loggedIn.session.credential.secretHash];
		});
		expect(drawn).toEqual([16, 16, 16, 16]);
		expect(new Set(sessions.flat()).size).toBe(6);
	});

	test('while the index is unavailable begins another session, and says that it needs no entry', async () => {
		const created: MessageOf<'create'>[] = [];
		const { server: other } = createMemoryDeployment([], {
			reach:
				(bus) =>
				async (message, ...rest) => {
					if (message.operation !== 'create') return bus(message, ...rest);
					created.push(message);
					return message.withoutIndex ? bus(message, ...rest) : { kind: 'index-unavailable' };
				},
		});
		const loggedIn = await other.login(identity({}));
		expect(created.map(({ withoutIndex }) => withoutIndex)).toEqual([undefined, true]);
		expect(created[0]?.session.id).not.toBe(created[1]?.session.id);
		expect(loggedIn).toMatchObject({ kind: 'established', session: { id: created[1]?.session.id } });
	});
});
