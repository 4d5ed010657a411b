import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeEvent, encodeResponse } from '../../../../functions/session-server/http/exchange.ts';
import { apiRequest } from '../../../support/api-request.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

/*
 * A client that forges tokens learns nothing, neither from the answer nor from the time that it
 * takes: the bus is never asked.
 */

let busCalls = 0;
const { api } = createMemoryDeployment([], {
	reach: (bus) => (message) => {
		busCalls++;
		return bus(message);
	},
});

async function login(subject: string): Promise<string> {
	const headers = { authorization: `Bearer ${subject}` };
	const request = apiRequest({ method: 'POST', path: '/v1/sessions', headers, body: '{"delivery":"bearer"}' });
	return JSON.parse((await api(request, 'r')).body ?? '').token;
}

/** Sends an event of API Gateway with the token as a cookie or a bearer token. */
async function answerTo(token: string, by: 'cookie' | 'bearer') {
	const event: unknown = {
		rawPath: '/v1/session',
		rawQueryString: '',
		headers: by === 'bearer' ? { authorization: `Bearer ${token}` } : {},
		cookies: by === 'cookie' ? [`__Host-Http-session=${token}`] : [],
		requestContext: { http: { method: 'GET', path: '/v1/session' } },
		isBase64Encoded: false,
	};
	return encodeResponse(await api(decodeEvent(event as Parameters<typeof decodeEvent>[0]), 'r'));
}

const tokens = [await login('ann'), await login('bob')];
const forgery = fc.oneof(
	fc.tuple(fc.constantFrom(...tokens), fc.nat({ max: 84 * 8 - 1 })).map(([token, bit]) => flipped(token, bit)),
	fc.tuple(fc.constantFrom(...tokens), fc.nat({ max: 111 })).map(([token, length]) => token.slice(0, length)),
	fc
		.tuple(fc.shuffledSubarray(tokens, { minLength: 2 }), fc.nat({ max: 83 }))
		.map(([[one, other], at]) =>
			Buffer.concat([bytesOf(one).subarray(0, at), bytesOf(other).subarray(at)]).toString('base64url'),
		),
	fc.uint8Array({ minLength: 84, maxLength: 84 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
	fc.string({ unit: 'binary', maxLength: 120 }).map((text) => `${text.replace(/\s/g, '')}x`),
);

test('all forged tokens get the same answer, without a call of the bus', async () => {
	for (const token of tokens) expect(await answerTo(token, 'bearer')).toHaveProperty('statusCode', 200);
	const refusals = { bearer: await answerTo('forged', 'bearer'), cookie: await answerTo('forged', 'cookie') };
	for (const { body = '' } of Object.values(refusals))
		expect(JSON.parse(body)).toMatchObject({ status: 401, code: 'session_malformed' });
	busCalls = 0;
	const by = fc.constantFrom('cookie' as const, 'bearer' as const);
	await fc.assert(
		fc.asyncProperty(forgery, by, async (token, way) => {
			fc.pre(!tokens.includes(token));
			const expected = way === 'bearer' && token === '' ? 'session_missing' : 'session_malformed';
			const answer = await answerTo(token, way);
			expect(JSON.parse(answer.body ?? '').code).toBe(expected);
			if (expected === 'session_malformed') expect(answer).toEqual(refusals[way]);
		}),
		{ numRuns: 5_000 },
	);
	expect(busCalls).toBe(0);
});

function bytesOf(token: string | undefined): Buffer {
	return Buffer.from(token ?? '', 'base64url');
}

function flipped(token: string, bit: number): string {
	const bytes = bytesOf(token);
	bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
	return bytes.toString('base64url');
}
