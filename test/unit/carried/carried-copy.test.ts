import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
	type CarriedCopy,
	carriedTextMax,
	claimedUse,
	claimOf,
	openCarried,
	signCarried,
	withReportedUse,
} from '../../../functions/carried/carried-copy.ts';
import type { Receipt } from '../../../functions/protocol/receipt.ts';
import { exampleSession, exampleSessionId, exampleStamp, exampleStartMs } from '../../support/example-session.ts';

const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const key = { id: 'key-1', privateKey };
const receipt: Receipt = {
	asked: [{ repository: 'dynamodb', outcome: 'found', tookMs: 4 }],
	chosen: 'dynamodb',
	version: 'v'.repeat(16),
	ageMs: 3,
	degraded: false,
	tookMs: 5,
};

function copyOf(differing: Parameters<typeof exampleSession>[0] = {}): CarriedCopy {
	return { session: exampleSession(differing), knownAtMs: exampleStartMs + 7, receipt };
}

function textOf(copy: CarriedCopy): string {
	return signCarried(key, copy) ?? '';
}

describe('a carried copy', () => {
	test('says the session without attributes, known-at, and the receipt without latencies', () => {
		const stamp = exampleStamp(1);
		const attributes = { theme: { stamp, value: 'hidden' } };
		const text = textOf(copyOf({ attributes, conditionalChanges: [{ over: 'v'.repeat(16), stamp }] }));
		expect(Buffer.from(text.split('.')[3] ?? '', 'base64url').toString()).not.toContain('hidden');
		const { tookMs: _, ageMs: __, ...facts } = receipt;
		expect(openCarried(publicKey, text)).toEqual({
			session: { ...exampleSession(), partial: true },
			knownAtMs: exampleStartMs + 7,
			receipt: { ...facts, asked: [{ repository: 'dynamodb', outcome: 'found' }] },
		});
	});

	test('is a stub also if the session has no attributes, because it may have some by now', () => {
		expect(openCarried(publicKey, textOf(copyOf()))?.session.partial).toBe(true);
	});

	test('does not tell the client why a repository failed', () => {
		const asked: Receipt['asked'] = [{ repository: 's3', outcome: 'unavailable', error: 'AccessDeniedException' }];
		const text = textOf({ ...copyOf(), receipt: { ...receipt, asked, degraded: true } });
		expect(openCarried(publicKey, text)?.receipt).toMatchObject({
			asked: [{ repository: 's3', outcome: 'unavailable' }],
			degraded: true,
		});
		expect(Buffer.from(text.split('.')[3] ?? '', 'base64url').toString()).not.toContain('Denied');
	});

	test('keeps what a later version added to the session', () => {
		const session = { ...exampleSession(), flavour: 'mint' };
		expect(openCarried(publicKey, textOf({ ...copyOf(), session }))?.session).toMatchObject({ flavour: 'mint' });
	});

	test('tells known-at and the key to verify it with', () => {
		expect(claimOf(textOf(copyOf()))).toEqual({ knownAtMs: exampleStartMs + 7, keyId: 'key-1' });
	});

	test('fits a cookie beside the token, or is not made', () => {
		const scopes = (count: number) => ({
			credential: { ...exampleSession().credential, scopes: Array(count).fill('s'.repeat(100)) },
		});
		const longest = textOf(copyOf(scopes(6)));
		expect(longest.length).toBeGreaterThan(1_500);
		expect(longest.length).toBeLessThanOrEqual(carriedTextMax);
		expect(signCarried(key, copyOf(scopes(10)))).toBeUndefined();
		expect(textOf(copyOf()).length).toBeLessThan(1_000);
	});
});

describe('a note of reported use', () => {
	const { id: sessionId, lastSeenAtMs } = exampleSession();
	const text = textOf(copyOf());
	const noted = withReportedUse(text, lastSeenAtMs + 5) ?? '';

	test('is told with the copy, and changes nothing of it', () => {
		expect(claimedUse(text, sessionId)).toEqual({ lastSeenAtMs, reportedMs: lastSeenAtMs });
		expect(claimedUse(noted, sessionId)).toEqual({ lastSeenAtMs, reportedMs: lastSeenAtMs + 5 });
		expect(openCarried(publicKey, noted)).toEqual(openCarried(publicKey, text));
		expect(claimOf(noted)).toEqual(claimOf(text));
		expect(claimedUse(text, exampleSessionId(9))).toBeUndefined();
	});

	test('takes the place of an earlier one', () => {
		expect(withReportedUse(noted, lastSeenAtMs + 9)).toBe(withReportedUse(text, lastSeenAtMs + 9));
	});

	test('of earlier use than the copy has does not count', () => {
		expect(claimedUse(withReportedUse(text, lastSeenAtMs - 5) ?? '', sessionId)?.reportedMs).toBe(lastSeenAtMs);
	});

	test('is left out if the text would be too long, or is no copy', () => {
		const long = `${text}${'A'.repeat(carriedTextMax - text.length)}`;
		expect(withReportedUse(long, lastSeenAtMs)).toBeUndefined();
		for (const other of ['', 'no copy', `${noted}.1`]) expect(withReportedUse(other, lastSeenAtMs)).toBeUndefined();
	});
});

describe('a text is not opened', () => {
	test('with another key', () => {
		expect(openCarried(generateKeyPairSync('ed25519').publicKey, textOf(copyOf()))).toBeUndefined();
	});

	test('if one character of any part was changed', () => {
		const text = textOf(copyOf());
		// The last character of a signature of 64 bytes has spare bits, which change nothing.
		for (let at = 0; at < text.length - 1; at++) {
			const other = text[at] === 'A' ? 'B' : 'A';
			expect(openCarried(publicKey, text.slice(0, at) + other + text.slice(at + 1)), `at ${at}`).toBeUndefined();
		}
	});

	test('if it was cut, joined from two, or is no text of this form', () => {
		const [one, two] = [textOf(copyOf()).split('.'), textOf({ ...copyOf(), knownAtMs: exampleStartMs + 9 }).split('.')];
		const joined = [...one.slice(0, 4), two[4]].join('.');
		const others = [`${one.join('.')}.A`, `${one.join('.')}.1.1`, 'x'.repeat(5_000)];
		for (const text of ['', '.', '1', '1.a.b', '1.a.b.c', one.slice(0, 4).join('.'), joined, ...others])
			expect(openCarried(publicKey, text), text).toBeUndefined();
	});

	test('if the key signed something that is no session', () => {
		const signed = `1.a.key-1.${Buffer.from('{"session":{},"receipt":{"asked":[],"degraded":false}}').toString('base64url')}`;
		const text = `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`;
		expect(openCarried(publicKey, text)).toBeUndefined();
	});
});
