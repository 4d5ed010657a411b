import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { openAnswer } from '../../../functions/protocol/answers.ts';
import { envelopeOf, type Opened } from '../../../functions/protocol/envelope.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { openMessage } from '../../../functions/protocol/messages.ts';
import { protocolVersion } from '../../../functions/protocol/version.ts';
import { attributesMax, attributeTextMax } from '../../../functions/session/session-schema.ts';
import { summaryOf } from '../../../functions/session/summary.ts';
import {
	exampleInstanceId,
	exampleSecretHash,
	exampleSession,
	exampleSessionId,
	exampleStamp,
} from '../../support/example-session.ts';

const sessionId = exampleSessionId(1);
const secretHash = exampleSecretHash('s');
const asker = { sessionId, secretHash };
const revocation = { atMs: 1, reason: 'logout' } as const;
const session = exampleSession({
	credential: {
		generation: 2,
		secretHash: exampleSecretHash('s'),
		previousSecretHash: exampleSecretHash('p'),
		graceUntilMs: 5,
		assuranceLevel: 3,
		authenticatedAtMs: 4,
		scopes: ['a'],
	},
	attributes: {
		theme: { stamp: exampleStamp(1), value: 'dark' },
		cart: { stamp: exampleStamp(1), value: 3 },
		beta: { stamp: exampleStamp(1), value: false },
		gone: { stamp: exampleStamp(2), deleted: true },
	},
});
const receipt = {
	asked: [
		{ repository: 'dynamodb', outcome: 'unavailable' },
		{ repository: 's3', outcome: 'found' },
	] satisfies Extract<Answer, { kind: 'found' }>['receipt']['asked'],
	chosen: 's3',
	version: 'v',
	ageMs: 7,
	degraded: true,
} as const;

const messages: Message[] = [
	{ operation: 'create', session, quota: { max: 3, action: 'end-oldest' } },
	{ operation: 'read', sessionId, secretHash, demand: 'bounded' },
	{ operation: 'recover', sessionId, secretHash, demand: 'strict', adopter: exampleInstanceId(1) },
	{
		operation: 'update',
		sessionId,
		secretHash,
		changes: { a: 'x', b: 1, c: true, d: null },
		stamp: exampleStamp(1),
		ifVersion: 'v',
	},
	{ operation: 'touch', sessionId, secretHash, seenAtMs: 3 },
	{ operation: 'revoke', sessionId, asker, revocation, changeId: 'c', proofWanted: true },
	{ operation: 'list', asker },
	{ operation: 'revokeSubject', asker, revocation, changeId: 'c' },
	{ operation: 'health' },
];
const answers: Answer[] = [
	{ kind: 'found', session, receipt },
	{ kind: 'revoked', session: { ...session, attributes: {}, revocation }, receipt },
	{ kind: 'absent', receipt: { asked: [], degraded: false } },
	{ kind: 'unavailable', reason: 'r', receipt },
	{ kind: 'outdated', session, receipt },
	{ kind: 'quota-exceeded', max: 3 },
	{ kind: 'listed', sessions: [{ ...summaryOf(session), receipt }], more: false },
	{ kind: 'ended', ended: 2, degraded: true, more: true },
	{ kind: 'health', repositories: [{ repository: 's3', answers: false }] },
];
const read = messages[1];

/** Encodes a value as JSON, and decodes it again. */
function overTheWire(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value));
}

function malformed(result: Opened<Message | Answer>): string {
	if (result.kind !== 'malformed') throw new Error('accepted');
	return result.problem;
}

test.each(messages)('the message $operation is received as it was sent', (message) => {
	expect(openMessage(overTheWire(envelopeOf(message)))).toEqual({ kind: 'opened', body: message });
});

test.each(answers)('the answer $kind is received as it was sent', (answer) => {
	expect(openAnswer(overTheWire(envelopeOf(answer)))).toEqual({ kind: 'opened', body: answer });
});

describe('a message or answer of another protocol version', () => {
	test.each([protocolVersion - 1, protocolVersion + 1, String(protocolVersion), undefined, null])(
		'%s is refused, whatever its content is',
		(protocol) => {
			for (const body of messages) expect(malformed(openMessage({ protocol, body }))).toMatch(/^protocol: /);
			for (const body of answers) expect(malformed(openAnswer({ protocol, body }))).toMatch(/^protocol: /);
		},
	);
});

describe('an unknown field is refused and named', () => {
	test.each(messages)('in the message $operation', (message) => {
		expect(malformed(openMessage(envelopeOf({ ...message, surprise: 1 })))).toMatch(/^body\.surprise: /);
	});

	test.each(answers)('in the answer $kind', (answer) => {
		expect(malformed(openAnswer(envelopeOf({ ...answer, surprise: 1 })))).toMatch(/^body\.surprise: /);
	});

	test('in the envelope', () => {
		expect(malformed(openMessage({ ...envelopeOf({ operation: 'health' }), surprise: 1 }))).toMatch(/^surprise: /);
	});

	test.each([
		['the session', { ...session, surprise: 1 }, 'surprise'],
		['its credential', { ...session, credential: { ...session.credential, surprise: 1 } }, 'credential.surprise'],
		['its owner', { ...session, owner: { ...session.owner, surprise: 1 } }, 'owner.surprise'],
		['its revocation', { ...session, revocation: { ...revocation, surprise: 1 } }, 'revocation.surprise'],
	])('in %s', (_where, withSurprise, path) => {
		const message = { protocol: protocolVersion, body: { operation: 'create', session: withSurprise } };
		expect(malformed(openMessage(message))).toContain(`body.session.${path}: `);
	});
});

describe('a value that is neither a message nor an answer is refused', () => {
	test.each([
		null,
		undefined,
		1,
		'text',
		[],
		{},
		{ protocol: protocolVersion },
		{ protocol: protocolVersion, body: null },
	])('if it is %j', (value) => {
		expect(malformed(openMessage(value))).toMatch(/expected$/);
		expect(malformed(openAnswer(value))).toMatch(/expected$/);
	});

	test('if it is an answer in place of a message, or a message in place of an answer', () => {
		for (const answer of answers) expect(malformed(openMessage(envelopeOf(answer)))).toMatch(/^body\.operation: /);
		for (const message of messages) expect(malformed(openAnswer(envelopeOf(message)))).toMatch(/^body\.kind: /);
	});
});

test('a stub is refused as an answer, because the bus answers with whole sessions', () => {
	const stub = { ...session, attributes: {}, partial: true };
	expect(malformed(openAnswer(envelopeOf({ kind: 'found', session: stub, receipt } as Answer)))).toMatch(
		/^body\.session\.partial: /,
	);
});

describe('a field that is malformed or over its limit is refused and named, without its content', () => {
	const content = 'CONTENT';
	const many = (count: number, value: unknown) =>
		Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, value]));
	const update = { operation: 'update', sessionId, secretHash, stamp: exampleStamp(1) };
	const attribute = { stamp: exampleStamp(1), value: 1 };

	test.each([
		['an attribute of too many characters', { ...update, changes: { a: content.repeat(1_000) } }, 'body.changes.a'],
		['too many attributes', { ...update, changes: many(attributesMax + 1, content) }, 'body.changes'],
		['an empty change', { ...update, changes: {} }, 'body.changes'],
		['an attribute that is an object', { ...update, changes: { a: { content } } }, 'body.changes.a'],
		['an attribute that is a list', { ...update, changes: { a: [content] } }, 'body.changes.a'],
		['a malformed stamp', { ...update, changes: { a: 1 }, stamp: content }, 'body.stamp'],
		[
			'a version of too many characters',
			{ ...update, changes: { a: 1 }, ifVersion: content.repeat(10) },
			'body.ifVersion',
		],
		['a malformed session id', { ...read, sessionId: content }, 'body.sessionId'],
		['a session id in another spelling', { ...read, sessionId: `${'A'.repeat(21)}B` }, 'body.sessionId'],
		['a session id with a line break', { ...read, sessionId: `${'A'.repeat(22)}\n` }, 'body.sessionId'],
		['an unknown demand', { ...read, demand: content }, 'body.demand'],
		['an unknown operation', { operation: content }, 'body.operation'],
		['a malformed adopter', { ...messages[2], adopter: content }, 'body.adopter'],
		['a quota of zero', { ...messages[0], quota: { max: 0, action: 'deny' } }, 'body.quota.max'],
		['a quota beyond the largest', { ...messages[0], quota: { max: 101, action: 'deny' } }, 'body.quota.max'],
		['an unknown action', { ...messages[0], quota: { max: 1, action: content } }, 'body.quota.action'],
		['no hash of a secret', { ...read, secretHash: undefined }, 'body.secretHash'],
		['a malformed hash of a secret', { ...read, secretHash: content }, 'body.secretHash'],
		['no asker', { operation: 'list' }, 'body.asker'],
		['an asker without a hash', { operation: 'list', asker: { sessionId } }, 'body.asker.secretHash'],
		['half a millisecond', { operation: 'touch', sessionId, secretHash, seenAtMs: 1.5 }, 'body.seenAtMs'],
		['a time before 1970', { operation: 'touch', sessionId, secretHash, seenAtMs: -1 }, 'body.seenAtMs'],
		['an unknown reason', { ...messages[5], revocation: { atMs: 1, reason: content } }, 'body.revocation.reason'],
		['a session of another schema', { operation: 'create', session: { ...session, schema: 2 } }, 'body.session.schema'],
		[
			'a session with too many attributes',
			{ operation: 'create', session: { ...session, attributes: many(1_025, attribute) } },
			'body.session.attributes',
		],
		[
			'an attribute that is both set and deleted',
			{ operation: 'create', session: { ...session, attributes: { a: { ...attribute, deleted: true } } } },
			'body.session.attributes.a',
		],
	])('%s', (_what, body, path) => {
		const reason = malformed(openMessage({ protocol: protocolVersion, body }));
		expect(reason).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}[.:]`));
		expect(reason).not.toContain(content);
	});

	test('a message at the limits is accepted', () => {
		const changes = many(attributesMax, 'x'.repeat(attributeTextMax));
		expect(openMessage({ protocol: protocolVersion, body: { ...update, changes } })).toEqual({
			kind: 'opened',
			body: { ...update, changes },
		});
	});
});
