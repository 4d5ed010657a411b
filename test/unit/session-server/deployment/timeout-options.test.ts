import { describe, expect, test } from 'vitest';
import { parseTimeoutOptions } from '../../../../functions/session-server/deployment/timeout-options.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { parseIssuers } from '../../../../functions/session-server/deployment/trusted-issuers.ts';

const limits = timeoutPresets.aal2;
const parse = (value: unknown) => parseTimeoutOptions({ LEASEHOLD_TIMEOUTS: JSON.stringify(value) }, limits);
const wholeSeconds = 'must be a whole number of seconds, 60 or more';

describe('the timeouts of a deployment', () => {
	test.each([
		{},
		{ absoluteSeconds: 86_400, idleSeconds: 3_600 },
		{ absoluteSeconds: 60, idleSeconds: 60 },
		{ idleSeconds: 3_600, persistent: { absoluteSeconds: 600 } },
		{ absoluteSeconds: 600, persistent: { idleSeconds: 3_600 } },
	])('may be %j', (options) => {
		expect(parse(options)).toEqual(options);
	});

	test('are none by default', () => {
		for (const variable of [undefined, ''])
			expect(parseTimeoutOptions({ LEASEHOLD_TIMEOUTS: variable }, limits)).toEqual({});
	});

	test.each<[unknown, string]>([
		[
			{ absoluteSeconds: 86_401 },
			'absoluteSeconds: must be at most 86400, the limit of the level in timeouts, and not 86401',
		],
		[{ idleSeconds: 3_601 }, 'idleSeconds: must be at most 3600, the limit of the level in timeouts, and not 3601'],
		[{ persistent: { absoluteSeconds: 2_592_000 } }, 'persistent.absoluteSeconds: must be at most 86400, the limit'],
		[{ persistent: { idleSeconds: 3_601 } }, 'persistent.idleSeconds: must be at most 3600, the limit'],
		[
			{ absoluteSeconds: 600, idleSeconds: 601 },
			'idleSeconds: must be at most 600, the absoluteSeconds beside it, and not 601',
		],
		[
			{ persistent: { absoluteSeconds: 60, idleSeconds: 61 } },
			'persistent.idleSeconds: must be at most 60, the absolute',
		],
		[{ idleSeconds: 59 }, `idleSeconds: ${wholeSeconds}`],
		[{ idleSeconds: 60.5 }, `idleSeconds: ${wholeSeconds}`],
		[{ idleSeconds: '600' }, `idleSeconds: ${wholeSeconds}`],
		[{ absoluteSeconds: null }, `absoluteSeconds: ${wholeSeconds}`],
		[{ persistent: { idleSeconds: 0 } }, `persistent.idleSeconds: ${wholeSeconds}`],
		[{ idle: 600 }, 'idle: '],
		[{ persistent: true }, 'persistent: '],
		[7, ' '],
	])('must not be %j, and the error says what was expected', (options, message) => {
		expect(() => parse(options)).toThrow(`LEASEHOLD_TIMEOUTS${message.startsWith(' ') ? '' : ', '}${message}`);
	});

	test('must be JSON', () => {
		expect(() => parseTimeoutOptions({ LEASEHOLD_TIMEOUTS: '{' }, limits)).toThrow('LEASEHOLD_TIMEOUTS is not JSON');
	});
});

describe('the timeouts of an issuer', () => {
	const issuer = { name: 'main', issuer: 'https://issuer.example', audience: ['web', 'kiosk'] };
	const parsed = (timeouts: unknown, other: object = {}) =>
		parseIssuers([{ ...issuer, timeouts, ...other }], { limits, own: {} });

	test.each<[unknown, string]>([
		[
			{ idleSeconds: 3_601 },
			'timeouts.idleSeconds: must be at most 3600, the limit of the level in timeouts, and not 3601',
		],
		[{ persistent: { absoluteSeconds: 86_401 } }, 'timeouts.persistent.absoluteSeconds: must be at most 86400'],
		[
			{ clients: [{ id: 'web' }, { id: 'kiosk', idleSeconds: 3_601 }] },
			'timeouts.clients.1.idleSeconds: must be at most',
		],
		[
			{ clients: [{ id: 'kiosk', persistent: { idleSeconds: 3_601 } }] },
			'timeouts.clients.0.persistent.idleSeconds: must be at most 3600',
		],
		[{ clients: [{ id: 'kiosk', absoluteSeconds: 1 }] }, `timeouts.clients.0.absoluteSeconds: ${wholeSeconds}`],
		[{ clients: [{ idleSeconds: 600 }] }, 'timeouts.clients.0.id'],
		[{ clients: [{ id: '', idleSeconds: 600 }] }, 'timeouts.clients.0.id: must not be empty'],
		[
			{ clients: [{ id: 'kiosc', idleSeconds: 600 }] },
			'timeouts.clients.0.id: must be in audience or in authorizedParties: no other client can log in',
		],
		[
			{ clients: [{ id: 'web' }, { id: 'web', idleSeconds: 600 }] },
			'timeouts.clients.1.id: must not be there twice, but web is',
		],
		[{ level: 'aal1' }, 'timeouts.level'],
		['aal1', 'timeouts'],
	])('must not be %j, and the error names the field', (timeouts, message) => {
		expect(() => parsed(timeouts)).toThrow(`issuers.json, 0.${message}`);
	});

	test('may name a client that only azp names', () => {
		const timeouts = { clients: [{ id: 'android', idleSeconds: 600 }] };
		expect(() => parsed(timeouts)).toThrow('must be in audience');
		for (const authorizedParties of ['android', 'any'])
			expect(parsed(timeouts, { authorizedParties })[0]?.timeouts?.clients.get('android')?.usual.idleMs).toBe(600_000);
	});

	test('are filled in from the deployment', () => {
		const own = { idleSeconds: 900 };
		expect(parseIssuers([issuer], { limits, own })[0]?.timeouts?.others.usual).toEqual({
			absoluteMs: limits.absoluteMs,
			idleMs: 900_000,
		});
	});
});
