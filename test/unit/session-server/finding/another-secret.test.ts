import { expect, test } from 'vitest';
import { signed } from '../../../../functions/access/signature.ts';
import { issueToken, readToken, type Token } from '../../../../functions/access/token.ts';
import type { Message } from '../../../../functions/protocol/messages.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment, memoryKeyring } from '../../../support/memory/memory-deployment.ts';

/*
 * The bus answers for the secret that a message names. So the message names that of the token which
 * the client presented, and its answer is about this token alone.
 */

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

function contentOf(text: string): Token {
	const token = readToken(memoryKeyring, text);
	if (token === 'malformed') throw new Error(token);
	return token;
}

/** A session, its token, and a token with another secret. */
async function withTwoTokens(isReplaced: boolean) {
	const sent: Message[] = [];
	const { server, clock } = createMemoryDeployment([], {
		reach: (bus) => async (message) => {
			sent.push(message);
			if (!isReplaced || !('secretHash' in message)) return bus(message);
			const answer = await bus({ ...message, secretHash: first.secretHash });
			if (answer.kind !== 'found') return answer;
			const { session } = answer;
			const secrets = { secretHash: second.secretHash, previousSecretHash: first.secretHash, graceUntilMs: Infinity };
			const credential = { ...session.credential, generation: 2, ...secrets };
			return { ...answer, session: signed(memoryKeyring, { ...session, credential }) };
		},
	});
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	const first = contentOf(loggedIn.token);
	const idBytes = Buffer.from(first.sessionId, 'base64url');
	const other = issueToken(memoryKeyring, idBytes, new Uint8Array(16), first.ownerHint, first.overAtMs);
	const second = other.token;
	clock.advance(400_000); // No copy is used for that long.
	sent.length = 0;
	/** The hashes in the messages since the last look. */
	const hashes = (operation?: Message['operation']) =>
		sent
			.splice(0)
			.filter((message) => operation === undefined || message.operation === operation)
			.map((message) => ('secretHash' in message ? message.secretHash : message.operation));
	return { server, clock, tokens: [loggedIn.token, other.text] as const, first, second, hashes };
}

test('the wrong secret takes nothing from the right one, at the same moment or later', async () => {
	const { server, tokens, first, second, hashes } = await withTwoTokens(false);
	const [right, wrong] = tokens;
	for (let time = 0; time < 2; time++) {
		const [refused, found] = await Promise.all([server.view(wrong), server.view(right)]);
		expect(found).toMatchObject({ kind: 'found' });
		expect(refused).toMatchObject({ kind: 'refused', code: 'session_unknown' });
	}
	expect(new Set(hashes())).toEqual(new Set([first.secretHash, second.secretHash]));
	expect(await server.view(right)).toMatchObject({ kind: 'found', evidence: { source: 'memory' } });
	expect(hashes(), 'the refusal is remembered for the wrong one alone').toEqual([]);
});

test('a newer token is not refused because of a copy that only knows the older one', async () => {
	const { server, tokens, first, second, hashes } = await withTwoTokens(true);
	const [older, newer] = tokens;
	expect(await server.view(older)).toMatchObject({ kind: 'found' });
	expect(await server.view(newer)).toMatchObject({ kind: 'found' });
	expect(hashes()).toEqual([first.secretHash, second.secretHash]);
	await server.update(newer, { theme: 'dark' });
	expect(hashes('update')).toEqual([second.secretHash]);
	await server.update(older, { theme: 'light' });
	expect(hashes('update')).toEqual([first.secretHash]);
});

test('use is reported with the token that was presented last', async () => {
	const { server, clock, tokens, second, hashes } = await withTwoTokens(true);
	const [older, newer] = tokens;
	for (const token of [older, older, newer]) {
		await server.authorize(token, 'service');
		clock.advance(200_000);
	}
	await server.authorize(newer, 'service');
	expect(hashes('touch').at(-1)).toBe(second.secretHash);
});
