import { describe, expect, test } from 'vitest';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { answerSchema, openAnswer } from '../../../functions/protocol/answers.ts';
import { envelopeOf, type Opened, open, type Spoken } from '../../../functions/protocol/envelope.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { messageSchema, openMessage, type Unsupported } from '../../../functions/protocol/messages.ts';
import { oldestProtocol, protocolVersion } from '../../../functions/protocol/version.ts';
import { attributesMax, attributeTextMax } from '../../../functions/session/session-schema.ts';
import { summaryOf } from '../../../functions/session/summary.ts';
import { unknownBytesMax } from '../../../functions/session/unknown-fields.ts';
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
	{ kind: 'refused', problem: 'p' },
	{ kind: 'quota-exceeded', max: 3 },
	{ kind: 'token-used' },
	{ kind: 'limited', waitMs: 4 },
	{ kind: 'unsupported', operation: 'dream' },
	{ kind: 'listed', sessions: [{ ...summaryOf(session), receipt }], more: false },
	{ kind: 'ended', ended: 2, degraded: true, more: true },
	{ kind: 'health', repositories: [{ repository: 's3', answers: false }] },
];
const read = messages[1];

/** Encodes a value as JSON, and decodes it again. */
function overTheWire(value: unknown): unknown {
	return JSON.parse(JSON.stringify(value));
}

/** Objects whose fields have names that clients choose. */
const maps = new Set(['attributes', 'changes']);

/** Adds a field to every object in the value, as a later version of Leasehold may do. */
function withMore<Value>(value: Value, name = ''): Value {
	if (typeof value !== 'object' || value === null) return value;
	if (Array.isArray(value)) return value.map((part) => withMore(part)) as Value;
	const parts = Object.entries(value).map(([field, part]) => [field, withMore(part, field)]);
	return Object.fromEntries(maps.has(name) ? parts : [...parts, ['surprise', { order: 1 }]]);
}

/** As it is read: sessions and revocations are stored, so they keep what is unknown. */
function withMoreInSessions<Body extends object>(body: Body): Body {
	const kept = ['session', 'revocation'].filter((field) => field in body);
	const parts = kept.map((field) => [field, withMore(body[field as keyof Body])]);
	return { ...body, ...Object.fromEntries(parts) };
}

function malformed(result: Opened<Message | Answer> | Unsupported): string {
	if (result.kind !== 'malformed') throw new Error('accepted');
	return result.problem;
}

test.each(messages)('the message $operation is received as it was sent', (message) => {
	expect(openMessage(overTheWire(envelopeOf(message)))).toEqual({ kind: 'opened', body: message });
});

test.each(answers)('the answer $kind is received as it was sent', (answer) => {
	expect(openAnswer(overTheWire(envelopeOf(answer)))).toEqual({ kind: 'opened', body: answer });
});

describe('the next version of Leasehold', () => {
	const next: Spoken = { protocol: protocolVersion + 1, oldest: protocolVersion };

	test.each(messages)('understands the message $operation of this one', (message) => {
		const opened = open(messageSchema, overTheWire(envelopeOf(message)), next);
		expect(opened).toEqual({ kind: 'opened', body: message });
	});

	test.each(answers)('understands the answer $kind of this one', (answer) => {
		expect(open(answerSchema, overTheWire(envelopeOf(answer)), next)).toEqual({ kind: 'opened', body: answer });
	});

	test.each(messages)('is understood if its message $operation has more fields, everywhere', (message) => {
		const opened = openMessage({ ...next, body: withMore(message), surprise: 1 });
		expect(opened).toEqual({ kind: 'opened', body: withMoreInSessions(message) });
	});

	test.each(answers)('is understood if its answer $kind has more fields, everywhere', (answer) => {
		const opened = openAnswer({ ...next, body: withMore(answer), surprise: 1 });
		expect(opened).toEqual({ kind: 'opened', body: withMoreInSessions(answer) });
	});

	test('is told that its operation is unknown, whatever the content is', () => {
		const body = { operation: 'dream', sessionId: 7 };
		expect(openMessage({ ...next, body })).toEqual({ kind: 'unsupported', operation: 'dream' });
	});

	test('may name repositories and outcomes that this one does not know', () => {
		const asked = [{ repository: 'aurora', outcome: 'moved' }];
		const body = { kind: 'absent', receipt: { asked, degraded: false } };
		expect(openAnswer({ ...next, body })).toEqual({ kind: 'opened', body });
	});

	test('may end a session for a reason that this one does not know', () => {
		const body = { ...messages[5], revocation: { atMs: 1, reason: 'theft' } };
		expect(openMessage({ ...next, body })).toEqual({ kind: 'opened', body });
	});
});

describe('a message or answer is refused, whatever its content is, if its version', () => {
	test.each<[string, object]>([
		['is older than this one understands', { protocol: oldestProtocol - 1, oldest: oldestProtocol - 1 }],
		['is text', { protocol: String(protocolVersion), oldest: oldestProtocol }],
		['is no whole number', { protocol: protocolVersion + 0.5, oldest: oldestProtocol }],
		['is missing', { oldest: oldestProtocol }],
		['is null', { protocol: null, oldest: oldestProtocol }],
	])('%s', (_, spoken) => {
		for (const body of messages) expect(malformed(openMessage({ ...spoken, body }))).toMatch(/^protocol: /);
		for (const body of answers) expect(malformed(openAnswer({ ...spoken, body }))).toMatch(/^protocol: /);
	});

	test.each<[string, object]>([
		['is for later readers only', { protocol: protocolVersion + 2, oldest: protocolVersion + 1 }],
		['does not tell for whom it is', { protocol: protocolVersion }],
	])('%s', (_, spoken) => {
		const unknown = { operation: 'dream' };
		for (const body of [...messages, unknown]) expect(malformed(openMessage({ ...spoken, body }))).toMatch(/^oldest: /);
		for (const body of answers) expect(malformed(openAnswer({ ...spoken, body }))).toMatch(/^oldest: /);
	});
});

test.each([
	['too many of them', { surprise: 'x'.repeat(unknownBytesMax) }],
	['one that is nested too deeply', JSON.parse(`{"surprise":${'['.repeat(9)}${']'.repeat(9)}}`)],
	['one with a name that no version gives', { 'Surprise!': 1 }],
])('the unknown fields of a session are refused if there is %s', (_, more) => {
	const credential = { ...session.credential, ...more };
	for (const spoiled of [
		{ ...session, ...more },
		{ ...session, credential },
	]) {
		const answer = { kind: 'found', session: spoiled, receipt } as const;
		expect(malformed(openAnswer(envelopeOf(answer)))).toBe('body.session: has too many unknown fields');
	}
});

describe('a value that is neither a message nor an answer is refused', () => {
	test.each([
		null,
		undefined,
		1,
		'text',
		[],
		{},
		{ protocol: protocolVersion, oldest: oldestProtocol },
		{ protocol: protocolVersion, oldest: oldestProtocol, body: null },
	])('if it is %j', (value) => {
		expect(malformed(openMessage(value))).toMatch(/expected$/);
		expect(malformed(openAnswer(value))).toMatch(/expected$/);
	});

	test('if it is an answer in place of a message, or a message in place of an answer', () => {
		for (const answer of answers)
			if (answer.kind !== 'unsupported')
				expect(malformed(openMessage(envelopeOf(answer)))).toMatch(/^body\.operation: /);
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
		['an operation that is no name', { operation: content }, 'body.operation'],
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
		const reason = malformed(openMessage({ protocol: protocolVersion, oldest: oldestProtocol, body }));
		expect(reason).toMatch(new RegExp(`^${path.replaceAll('.', '\\.')}[.:]`));
		expect(reason).not.toContain(content);
	});

	test('a message at the limits is accepted', () => {
		const changes = many(attributesMax, 'x'.repeat(attributeTextMax));
		expect(openMessage({ protocol: protocolVersion, oldest: oldestProtocol, body: { ...update, changes } })).toEqual({
			kind: 'opened',
			body: { ...update, changes },
		});
	});
});
