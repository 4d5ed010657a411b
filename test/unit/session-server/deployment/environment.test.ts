import { describe, expect, test } from 'vitest';
import { parseSessionServerEnvironment } from '../../../../functions/session-server/deployment/environment.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';

const secret = 'c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldA==';
const complete = {
	LEASEHOLD_CONTROL_TABLE: 'control',
	LEASEHOLD_BUS_FUNCTION: 'bus',
	LEASEHOLD_TOKEN_KEYS: JSON.stringify([{ id: 'k001', secret }]),
	LEASEHOLD_ISSUER_VALUES: '[]',
};

describe("a session server's environment", () => {
	test('has defaults for everything that is optional', () => {
		const settings = parseSessionServerEnvironment(complete);
		expect(settings).toMatchObject({
			controlTable: 'control',
			busFunction: 'bus',
			issuers: { values: [] },
			quota: { max: 100, action: 'end-oldest' },
			copyBytesMax: 32 * 1024 * 1024,
			unsignedUntilMs: 0,
			evidenceHeader: false,
			timeouts: timeoutPresets.aal2,
			timeoutOptions: {},
		});
		expect(settings.keySource).toMatchObject({ kind: 'fixed', keyring: { current: { id: 'k001' } } });
		expect(settings.clientAttributes.size).toBe(0);
	});

	test('has the issuers of the release before only while those of this one are not there', () => {
		const former = { ...complete, LEASEHOLD_ISSUERS: '[{"name":"main"}]' };
		expect(parseSessionServerEnvironment(former).issuers).toEqual({ values: [] });
		const before = { ...former, LEASEHOLD_ISSUER_VALUES: undefined };
		expect(parseSessionServerEnvironment(before).issuers).toEqual({ former: [{ name: 'main' }] });
	});

	test('accepts every optional setting', () => {
		const settings = parseSessionServerEnvironment({
			...complete,
			LEASEHOLD_ISSUER_VALUES: '["https://issuer.example"]',
			LEASEHOLD_CLIENT_ATTRIBUTES: '["theme"]',
			LEASEHOLD_QUOTA_MAX: '3',
			LEASEHOLD_QUOTA_ACTION: 'deny',
			LEASEHOLD_COPY_BYTES_MAX: '1000',
			LEASEHOLD_UNSIGNED_UNTIL: '2026-12-31T00:00:00Z',
			LEASEHOLD_EVIDENCE_HEADER: 'true',
			LEASEHOLD_ABSOLUTE_TIMEOUT_MS: '9000',
			LEASEHOLD_IDLE_TIMEOUT_MS: '8000',
			LEASEHOLD_TIMEOUTS: '{"persistent":{}}',
			LEASEHOLD_MAX_STALENESS_MS: '1999',
			LEASEHOLD_TOUCH_INTERVAL_MS: '1000',
		});
		expect(settings).toMatchObject({
			issuers: { values: ['https://issuer.example'] },
			clientAttributes: new Set(['theme']),
			quota: { max: 3, action: 'deny' },
			copyBytesMax: 1_000,
			unsignedUntilMs: Date.UTC(2026, 11, 31),
			evidenceHeader: true,
			timeouts: { absoluteMs: 9_000, idleMs: 8_000 },
			timeoutOptions: { persistent: {} },
			timing: { maxStalenessMs: 1_999 },
		});
	});

	test.each(Object.keys(complete))(
		'without %s, or with an empty one, is refused with an error that names it',
		(name) => {
			for (const value of [undefined, '']) {
				const missing = { ...complete, [name]: value };
				expect(() => parseSessionServerEnvironment(missing)).toThrow(`environment variable ${name} is missing`);
			}
		},
	);

	test.each([
		['LEASEHOLD_ISSUER_VALUES', 'https://issuer.example', 'LEASEHOLD_ISSUER_VALUES is not JSON'],
		['LEASEHOLD_ISSUER_VALUES', '[1]', 'LEASEHOLD_ISSUER_VALUES must be a JSON array of texts'],
		['LEASEHOLD_CLIENT_ATTRIBUTES', 'theme', 'LEASEHOLD_CLIENT_ATTRIBUTES'],
		['LEASEHOLD_CLIENT_ATTRIBUTES', '["theme", 1]', 'LEASEHOLD_CLIENT_ATTRIBUTES'],
		['LEASEHOLD_CLIENT_ATTRIBUTES', '{}', 'LEASEHOLD_CLIENT_ATTRIBUTES'],
		['LEASEHOLD_QUOTA_MAX', '0', 'LEASEHOLD_QUOTA_MAX'],
		['LEASEHOLD_QUOTA_MAX', '101', 'LEASEHOLD_QUOTA_MAX must be at most 100, not 101'],
		[
			'LEASEHOLD_QUOTA_ACTION',
			'end-some',
			'LEASEHOLD_QUOTA_ACTION must be one of deny, end-next-expiring, end-oldest, end-all, not "end-some"',
		],
		['LEASEHOLD_COPY_BYTES_MAX', '1e3x', 'LEASEHOLD_COPY_BYTES_MAX'],
		['LEASEHOLD_COPY_BYTES_MAX', '0', 'LEASEHOLD_COPY_BYTES_MAX'],
		['LEASEHOLD_UNSIGNED_UNTIL', 'next year', 'LEASEHOLD_UNSIGNED_UNTIL'],
		['LEASEHOLD_UNSIGNED_UNTIL', '2026-13-31T00:00:00Z', 'LEASEHOLD_UNSIGNED_UNTIL'],
		['LEASEHOLD_IDLE_TIMEOUT_MS', '-1', 'LEASEHOLD_IDLE_TIMEOUT_MS'],
		['LEASEHOLD_IDLE_TIMEOUT_MS', '86400001', 'LEASEHOLD_IDLE_TIMEOUT_MS must not be longer'],
		['LEASEHOLD_ABSOLUTE_TIMEOUT_MS', '9007199254740991', 'LEASEHOLD_ABSOLUTE_TIMEOUT_MS'],
		['LEASEHOLD_TIMEOUTS', '{"idleSeconds":3601}', 'LEASEHOLD_TIMEOUTS, idleSeconds: must be at most 3600'],
		['LEASEHOLD_MAX_STALENESS_MS', '10000', 'staleness bound (10000 ms)'],
	])('with %s=%s is refused with an error that names it', (name, value, message) => {
		expect(() => parseSessionServerEnvironment({ ...complete, [name]: value })).toThrow(message);
	});

	test('that names a secret takes the keyring from that secret', () => {
		const { LEASEHOLD_TOKEN_KEYS: _keys, ...others } = complete;
		const settings = parseSessionServerEnvironment({ ...others, LEASEHOLD_TOKEN_KEYS_SECRET: 'arn:secret' });
		expect(settings.keySource).toEqual({ kind: 'secret', secretId: 'arn:secret' });
	});

	test('that has both a keyring and the name of a secret is refused', () => {
		expect(() => parseSessionServerEnvironment({ ...complete, LEASEHOLD_TOKEN_KEYS_SECRET: 'arn:secret' })).toThrow(
			'set one of them',
		);
	});

	test.each([
		['is not JSON', `[{"id":"k001","secret":"${secret}"`],
		['is not a list', JSON.stringify({ keys: [{ id: 'k001', secret }] })],
		['has an id that is too long', JSON.stringify([{ id: 'k00001', secret }])],
		['has a secret that is too short', JSON.stringify([{ id: 'k001', secret: secret.slice(0, 20) }])],
		[
			'has the same id twice',
			JSON.stringify([
				{ id: 'k001', secret },
				{ id: 'k001', secret },
			]),
		],
	])('with a keyring that %s is refused without showing its secret', (_what, keys) => {
		const parse = () => parseSessionServerEnvironment({ ...complete, LEASEHOLD_TOKEN_KEYS: keys });
		expect(parse).toThrow('token keyring');
		expect(parse).not.toThrow(secret.slice(0, 8));
	});

	test('with another mistake is refused with an error that does not show the secret', () => {
		for (const name of Object.keys(complete).filter((variable) => variable !== 'LEASEHOLD_TOKEN_KEYS')) {
			const parse = () => parseSessionServerEnvironment({ ...complete, [name]: '' });
			expect(parse).toThrow(name);
			expect(parse).not.toThrow(secret.slice(0, 8));
		}
	});
});
