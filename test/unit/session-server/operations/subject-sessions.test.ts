import { describe, expect, test } from 'vitest';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import type { Answer } from '../../../../functions/protocol/answers.ts';
import type { Message } from '../../../../functions/protocol/messages.ts';
import type { Receipt } from '../../../../functions/protocol/receipt.ts';
import { withRevocation } from '../../../../functions/session/changes.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const unavailable: Answer = { kind: 'unavailable', reason: 'down', receipt: { asked: [], degraded: true } };
const ended = (answer: { ended: number; degraded: boolean; more: boolean }): Answer => ({ kind: 'ended', ...answer });

/** Two sessions of one subject on one server. Tests can replace the answers of its bus. */
async function twoSessions() {
	let overhear = async (_message: Message, answer: () => Promise<Answer>) => answer();
	const { server } = createMemoryDeployment([], {
		reach: (bus) => (message, withinMs) => overhear(message, () => bus(message, withinMs)),
	});
	const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
	const login = async () => {
		const loggedIn = await server.login(identity);
		if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
		return loggedIn;
	};
	const [own, other] = [await login(), await login()];
	return {
		server,
		own,
		other,
		/**
		 * From now on, the bus answers `operation` with these answers in turn, and then with the last
		 * of them.
		 */
		says: (operation: Message['operation'], ...answers: readonly Answer[]) => {
			let asked = 0;
			overhear = async (message, answer) =>
				message.operation === operation ? (answers[asked++] ?? answers.at(-1) ?? unavailable) : answer();
		},
	};
}

test.each(['listSessions', 'endOthers'] as const)(
	'%s is refused to a client whose session has ended',
	async (operation) => {
		const { server, own, other } = await twoSessions();
		await server.logout(own.token);
		expect(await server[operation](own.token)).toMatchObject({
			kind: 'refused',
			code: 'session_revoked',
		});
		expect(await server.view(other.token)).toMatchObject({ kind: 'found' });
	},
);

test('a list brings a carried copy if the bus was asked for the asking session', async () => {
	const { server, clock } = createMemoryDeployment([], {
		reach: (bus) => async (message, withinMs) => {
			const answer = await bus(message, withinMs);
			return answer.kind === 'found' ? { ...answer, carried: `copy by ${message.operation}` } : answer;
		},
	});
	const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	await server.view(loggedIn.token);
	expect(await server.listSessions(loggedIn.token)).not.toHaveProperty('carried');
	clock.advance(timingDefaults.copyAgeMs + 1);
	expect(await server.listSessions(loggedIn.token)).toMatchObject({ kind: 'listed', carried: 'copy by read' });
});

describe('ending the other sessions', () => {
	test('continues while there are more, counts all of them, and is incomplete if any step was', async () => {
		const { server, own, says } = await twoSessions();
		says(
			'revokeSubject',
			ended({ ended: 20, degraded: true, more: true }),
			ended({ ended: 3, degraded: false, more: false }),
		);
		const answer = await server.endOthers(own.token);
		expect(answer).toMatchObject({ kind: 'ended', ended: 23, complete: false, evidence: { remoteCalls: 3 } });
	});

	test('is complete if every step was', async () => {
		const { server, own, says } = await twoSessions();
		says(
			'revokeSubject',
			ended({ ended: 20, degraded: false, more: true }),
			ended({ ended: 3, degraded: false, more: false }),
		);
		expect(await server.endOthers(own.token)).toMatchObject({ kind: 'ended', complete: true });
	});

	test('is unavailable if it does not end', async () => {
		const { server, own, says } = await twoSessions();
		says('revokeSubject', ended({ ended: 1, degraded: false, more: true }));
		expect(await server.endOthers(own.token)).toMatchObject({ kind: 'unavailable' });
	});
});

describe('ending one session', () => {
	test('is refused to a client whose session has ended', async () => {
		const { server, own, other } = await twoSessions();
		await server.logout(own.token);
		const answer = await server.endOne(own.token, other.session.id);
		expect(answer).toMatchObject({ kind: 'refused', code: 'session_revoked' });
		expect(await server.view(other.token)).toMatchObject({ kind: 'found' });
	});

	test('is unavailable if the bus is, and the session stays live', async () => {
		const { server, own, other, says } = await twoSessions();
		says('revoke', unavailable);
		const answer = await server.endOne(own.token, other.session.id);
		expect(answer).toEqual({ kind: 'unavailable', reason: 'down' });
		expect(await server.view(other.token)).toMatchObject({ kind: 'found' });
	});

	test('takes effect at once on the server that did it, even if it had a copy', async () => {
		const { server, own, other } = await twoSessions();
		expect(await server.view(other.token)).toMatchObject({ evidence: { source: 'memory' } });
		const answer = await server.endOne(own.token, other.session.id);
		expect(answer).toMatchObject({ kind: 'ended', complete: true, isCurrent: false });
		expect(await server.view(other.token)).toMatchObject({ code: 'session_revoked' });
	});

	test('is incomplete if a repository still has to learn of it', async () => {
		const { server, own, other, says } = await twoSessions();
		const tombstone = withRevocation(other.session, { atMs: exampleStartMs, reason: 'logout' });
		const receipt: Receipt = { asked: [], chosen: 's3', version: 'v', ageMs: 0, degraded: true };
		says('revoke', { kind: 'revoked', session: tombstone, receipt });
		const answer = await server.endOne(own.token, other.session.id);
		expect(answer).toMatchObject({ kind: 'ended', complete: false });
	});
});

test('ending other sessions can ask for a recent authentication, and ending your own does not', async () => {
	const { server, clock } = createMemoryDeployment([], { endingMaxAuthenticationAgeSeconds: 300 });
	const login = async () => {
		const authenticatedAtMs = clock.now().wallMs;
		const loggedIn = await server.login({ subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs });
		if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
		return loggedIn;
	};
	const [own, other] = [await login(), await login()];
	clock.advance(300_001);
	const refused = { kind: 'refused', code: 'reauthentication_required' };
	expect(await server.endOthers(own.token)).toMatchObject(refused);
	expect(await server.endOne(own.token, other.session.id)).toMatchObject(refused);
	expect(await server.view(other.token)).toMatchObject({ kind: 'found' });
	expect(await server.endOne(own.token, own.session.id)).toMatchObject({ kind: 'ended', isCurrent: true });
	expect(await server.endOthers((await login()).token)).toMatchObject({ kind: 'ended', ended: 1 });
});
