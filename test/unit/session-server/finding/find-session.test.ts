import { expect, test } from 'vitest';
import { signed } from '../../../../functions/access/signature.ts';
import { exampleSecretHash, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment, memoryKeyring } from '../../../support/memory/memory-deployment.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

test('a token with a replaced secret is valid until the end of its grace period, even with a warm copy', async () => {
	let graceUntilMs = 0;
	const { server, clock } = createMemoryDeployment([], {
		reach: (bus) => async (message) => {
			const answer = await bus(message);
			if (message.operation !== 'read' || answer.kind !== 'found') return answer;
			const { session } = answer;
			const { secretHash: previousSecretHash } = session.credential;
			const replaced = { secretHash: exampleSecretHash('n'), previousSecretHash, graceUntilMs };
			const credential = { ...session.credential, ...replaced };
			return { ...answer, session: signed(memoryKeyring, { ...session, credential }) };
		},
	});
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	clock.advance(400_000); // No copy is used for that long.
	graceUntilMs = clock.now().wallMs + 1_000;
	const view = () => server.view(loggedIn.token);
	expect(await view()).toMatchObject({ kind: 'found', evidence: { source: 'reloaded' } });
	expect(await view()).toMatchObject({ kind: 'found', evidence: { source: 'memory' } });
	clock.advance(1_000);
	expect(await view()).toMatchObject({ kind: 'refused', code: 'session_unknown' });
});
