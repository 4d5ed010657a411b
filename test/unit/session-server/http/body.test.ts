import { describe, expect, test } from 'vitest';
import {
	jsonBytesMax,
	loginBodySchema,
	readBody,
	updateBodySchema,
} from '../../../../functions/session-server/http/body.ts';
import { apiRequest } from '../../../support/api-request.ts';

const content = 'CONTENT';

function problemOf(
	body: string | Uint8Array,
	schema: typeof loginBodySchema | typeof updateBodySchema = updateBodySchema,
) {
	const read = readBody<unknown>(apiRequest({ body }), schema);
	if (read.kind !== 'refused') throw new Error('accepted');
	const { response } = read.outcome;
	expect(response.body).not.toContain(content);
	return { status: response.status, ...JSON.parse(response.body ?? '') };
}

describe('the body of a login', () => {
	test.each(['', '{}'])('is optional: "%s"', (body) => {
		expect(readBody(apiRequest({ body }), loginBodySchema)).toEqual({
			kind: 'read',
			body: { delivery: 'cookie', persistent: false },
		});
	});

	test.each([
		['an unknown delivery', { delivery: content }, 'delivery'],
		['text for persistent', { persistent: content }, 'persistent'],
		['an unknown field', { cookie: content }, 'cookie'],
	])('with %s is refused with a 400 that names the field', (_what, body, field) => {
		expect(problemOf(JSON.stringify(body), loginBodySchema)).toMatchObject({ status: 400, field });
	});
});

describe('the body of an update', () => {
	test('is read as it was sent', () => {
		const body = { attributes: { theme: 'dark', cart: 3, beta: true, gone: null } };
		expect(readBody(apiRequest({ body: JSON.stringify(body) }), updateBodySchema)).toEqual({ kind: 'read', body });
	});

	test('may have the replacement character, which is valid UTF-8', () => {
		const body = { attributes: { theme: '\ufffd' } };
		expect(readBody(apiRequest({ body: JSON.stringify(body) }), updateBodySchema)).toEqual({ kind: 'read', body });
	});

	const many = Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`a${index}`, content]));
	test.each([
		['that is empty', '', 'attributes'],
		['without attributes', '{"attributes":{}}', 'attributes'],
		['with too many attributes', JSON.stringify({ attributes: many }), 'attributes'],
		['with too long a value', JSON.stringify({ attributes: { a: content.repeat(600) } }), 'attributes.a'],
		['with an object for a value', JSON.stringify({ attributes: { a: { content } } }), 'attributes.a'],
		['with a name in capitals', JSON.stringify({ attributes: { Theme: content } }), 'attributes'],
		['with the name of a prototype', `{"attributes":{"__proto__":"${content}"}}`, 'attributes'],
		['with an unknown field', JSON.stringify({ attributes: { a: 1 }, more: content }), 'more'],
		['that is a list', JSON.stringify([content]), 'body'],
		['that is null', 'null', 'body'],
		['that is text', JSON.stringify(content), 'body'],
		['that is not JSON', `{"attributes":${content}`, 'body'],
		['that is not UTF-8', Buffer.from('{"attributes":{"a":"\xe9"}}', 'latin1'), 'body'],
	])('%s is refused with a 400 that names the field and what was expected', (_what, body, field) => {
		const problem = problemOf(body);
		expect(problem).toMatchObject({ status: 400, code: 'request_malformed', field });
		expect(problem.expected).toEqual(expect.stringMatching(/./));
	});

	test.each([
		['on the length of text', { attributes: { a: content.repeat(600) } }, '<=4096 characters'],
		['on the most attributes', { attributes: many }, '<=64 entries'],
		['on the fewest attributes', { attributes: {} }, '>=1 entries'],
	])('a limit %s is named with its unit', (_what, body, expected) => {
		expect(problemOf(JSON.stringify(body))).toMatchObject({ expected });
	});

	test('without a required field is refused with a 400 that says that it is required', () => {
		expect(problemOf('{}')).toMatchObject({ field: 'attributes', expected: 'a value, because this field is required' });
	});
});

describe('a body', () => {
	const padded = (bytes: number) => `{"delivery":"bearer"}`.padEnd(bytes, ' ');

	test('may have as many bytes as the limit', () => {
		expect(readBody(apiRequest({ body: padded(jsonBytesMax) }), loginBodySchema)).toMatchObject({
			body: { delivery: 'bearer' },
		});
	});

	test('over the limit is refused with a 413 that names the limit', () => {
		expect(problemOf(padded(jsonBytesMax + 1))).toMatchObject({
			status: 413,
			code: 'body_too_large',
			expected: expect.stringContaining(String(jsonBytesMax)),
		});
	});

	test('is measured in bytes, not in characters', () => {
		expect(problemOf(JSON.stringify('é'.repeat(jsonBytesMax / 2)))).toMatchObject({ status: 413 });
	});
});
