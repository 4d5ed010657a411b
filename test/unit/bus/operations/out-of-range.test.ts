import { describe, expect, test } from 'vitest';
import { openAnswer } from '../../../../functions/protocol/answers.ts';
import { envelopeOf } from '../../../../functions/protocol/envelope.ts';
import { openMessage } from '../../../../functions/protocol/messages.ts';
import { decodeRecord } from '../../../../functions/repositories/record.ts';
import { decodeEntries } from '../../../../functions/repositories/subject-entries.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { attributesMax } from '../../../../functions/session/session-schema.ts';
import { makeStamp, type Stamp, stampWallMs } from '../../../../functions/session/stamp.ts';
import { viewOf } from '../../../../functions/session-server/http/session-view.ts';
import { createStamper } from '../../../../functions/session-server/stamper.ts';
import { exampleInstanceId, exampleProof, exampleSession } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { askerOf, create, sessionAt } from '../../../support/subject-client.ts';

const quota = { max: 2, action: 'end-oldest' } as const;
const dateMax = 8_640_000_000_000_000;
const lastStamp = 'zzzzzzzzz.zzzz.node' as Stamp;
const day = 24 * 3_600_000;

describe('a time that no date can show', () => {
	const example = exampleSession();
	test.each([
		['createdAtMs', { createdAtMs: dateMax + 1 }],
		['absoluteExpiresAtMs', { absoluteExpiresAtMs: 9e15 }],
		['lastSeenAtMs', { lastSeenAtMs: 9e15 }],
		['idleTimeoutMs', { idleTimeoutMs: 9e15 }],
		['authenticatedAtMs', { credential: { ...example.credential, authenticatedAtMs: 9e15 } }],
		['revocation', { revocation: { atMs: 9e15, reason: 'logout' as const } }],
	])('makes a message and a record unreadable in %s', (_field, differing) => {
		const session = { ...example, ...differing };
		expect(openMessage(envelopeOf({ operation: 'create', session, quota }))).toMatchObject({ kind: 'malformed' });
		expect(() => decodeRecord(JSON.stringify(session))).toThrow();
	});

	test('makes a touch and an entry unreadable', () => {
		const touch = { operation: 'touch', sessionId: example.id, ...exampleProof, seenAtMs: 9e15 };
		expect(openMessage(envelopeOf(touch))).toMatchObject({ kind: 'malformed' });
		const entry = { id: example.id, createdAtMs: 0, expiresAtMs: 9e15 };
		expect(() => decodeEntries(JSON.stringify({ schema: 1, entries: [entry] }))).toThrow();
	});

	test('is none of those that a record may have, so each record can be shown', () => {
		const latest = { absoluteExpiresAtMs: dateMax, lastSeenAtMs: dateMax, idleTimeoutMs: dateMax };
		const session = decodeRecord(JSON.stringify({ ...example, ...latest }));
		expect(viewOf(session, new Set(), 0).idleExpiresAt).toBe(new Date(dateMax).toISOString());
	});
});

describe('a stamp at the end of the range', () => {
	async function withSession() {
		const services = createMemoryServices();
		const bus = services.bus();
		const nowMs = services.clock.now().wallMs;
		const session = sessionAt(nowMs);
		await create(bus, session, quota);
		const update = (stamp: Stamp) =>
			bus({ operation: 'update', sessionId: session.id, ...exampleProof, changes: { theme: 'dark' }, stamp });
		return { services, nowMs, update };
	}

	test('is refused in messages and in records', () => {
		const update = {
			operation: 'update',
			sessionId: exampleSession().id,
			...exampleProof,
			changes: { a: 1 },
			stamp: lastStamp,
		};
		expect(openMessage(envelopeOf(update))).toMatchObject({ kind: 'malformed' });
		const session = exampleSession({ attributes: { a: { stamp: lastStamp, value: 1 } } });
		expect(() => decodeRecord(JSON.stringify(session))).toThrow();
	});

	test('cannot come near: a stamp further ahead than a day is not taken, and what is taken can be replaced', async () => {
		const { services, nowMs, update } = await withSession();
		expect(await update(makeStamp(nowMs + day + 1, 0, 'n'))).toMatchObject({ kind: 'unavailable' });
		expect(await update('yzzzzzzzz.zzzz.n' as Stamp)).toMatchObject({ kind: 'unavailable' });
		const furthest = makeStamp(nowMs + day, 36 ** 4 - 1, 'n');
		expect(await update(furthest)).toMatchObject({ kind: 'found' });
		services.clock.advance(1);
		const stampAfter = createStamper(services.clock, { instanceId: () => exampleInstanceId(2) });
		expect(await update(stampAfter([furthest]))).toMatchObject({ kind: 'found' });
	});

	test('does not reach the next changes of an instance that had to replace it', () => {
		const { clock } = createMemoryServices();
		const stampAfter = createStamper(clock, { instanceId: () => exampleInstanceId(2) });
		stampAfter(['yzzzzzzzz.zzzz.n' as Stamp]);
		expect(stampWallMs(stampAfter([]))).toBe(clock.now().wallMs);
	});
});

describe('a session stays readable', () => {
	async function withSession(differing: Partial<Session> = {}) {
		const services = createMemoryServices();
		const bus = services.bus();
		const session = sessionAt(services.clock.now().wallMs, differing);
		await create(bus, session, quota);
		const readable = async () => {
			for (const { load } of services.repositories) {
				const loaded = await load(session.id);
				expect(loaded.kind).toBe('found');
				if (loaded.kind === 'found') expect(decodeRecord(JSON.stringify(loaded.session)).id).toBe(session.id);
			}
		};
		return { bus, session, readable };
	}
	const kilobytes = (many: number) => 'x'.repeat(many * 1_024);

	test.each([
		['too many fields', { later: kilobytes(5) }],
		['fields that no version writes', { 'Not-A-Field': 1 }],
		['more fields than the session leaves room for', { later: kilobytes(2) }],
	])('when it ends with %s', async (_what, fields) => {
		const { bus, session, readable } = await withSession({ later: kilobytes(3) } as Partial<Session>);
		const revocation = { atMs: session.createdAtMs, reason: 'logout', ...fields } as const;
		const about = { sessionId: session.id, asker: askerOf(session), changeId: 'out', proofWanted: false };
		const revoke = { operation: 'revoke', ...about, revocation } as const;
		expect(openMessage(envelopeOf(revoke))).toMatchObject({ kind: 'opened' });
		const answer = await bus(revoke);
		expect(answer).toMatchObject({ kind: 'revoked' });
		expect(openAnswer(envelopeOf(answer))).toMatchObject({ kind: 'opened' });
		await readable();
	});

	test('when a change that was made before is repeated with a version that no session has', async () => {
		const { bus, session, readable } = await withSession();
		const about = { sessionId: session.id, ...exampleProof, changes: { theme: 'dark' } };
		const update = { operation: 'update', ...about, stamp: makeStamp(session.createdAtMs, 0, 'n') } as const;
		expect(await bus(update)).toMatchObject({ kind: 'found' });
		const repeated = { ...update, ifVersion: 'no version!' };
		expect(openMessage(envelopeOf(repeated))).toMatchObject({ kind: 'opened' });
		await bus(repeated);
		await readable();
	});

	test('when changes name ever more attributes', async () => {
		const { bus, session, readable } = await withSession();
		for (let message = 0; message <= 1_024 / attributesMax; message++) {
			const names = Array.from({ length: attributesMax }, (_, index) => [`a${message}.${index}`, 1]);
			const stamp = makeStamp(session.createdAtMs + message, 0, 'n');
			const changes = Object.fromEntries(names);
			await bus({ operation: 'update', sessionId: session.id, ...exampleProof, changes, stamp });
		}
		await readable();
	});

	test('when its login is repeated with other fields', async () => {
		const { bus, session, readable } = await withSession({ one: kilobytes(3) } as Partial<Session>);
		const { one: _, ...rest } = session as Session & { one?: string };
		expect(await create(bus, { ...rest, other: kilobytes(3) } as Session, quota)).toMatchObject({ kind: 'found' });
		await readable();
	});
});
