import { describe, expect, test } from 'vitest';
import type { ClaimMapping } from '../../../../functions/session-server/deployment/claim-mapping.ts';
import {
	assuranceOf,
	attributesOf,
	claimAt,
	scopesOf,
} from '../../../../functions/session-server/identity/claim-values.ts';

describe('scopes', () => {
	test.each<[string, Record<string, unknown>, ClaimMapping['scopes'], string[]]>([
		['a text with spaces', { scope: ' read write  read ' }, undefined, ['read', 'write']],
		['a list', { groups: ['a', 'b', 7, null] }, ['groups'], ['a', 'b']],
		['several claims', { scp: 'a b', roles: ['b', 'c'] }, ['scp', 'roles'], ['a', 'b', 'c']],
		['a claim inside of another', { x: { y: { z: ['a'] } } }, [{ claim: ['x', 'y', 'z'] }], ['a']],
		['a name with dots and slashes', { 'https://e.example/r': ['a'] }, ['https://e.example/r'], ['a']],
		['a prefix before each value', { groups: ['a'] }, [{ claim: 'groups', prefix: 'group:' }], ['group:a']],
		[
			'values that start with a text, without it',
			{ groups: ['app-a', 'b'] },
			[{ claim: 'groups', strip: 'app-' }],
			['a'],
		],
		[
			'values of which strip leaves something',
			{ groups: ['', 'app-', 'app-a'] },
			[
				{ claim: 'groups', strip: 'app-', prefix: 'x:' },
				{ claim: 'groups', prefix: 'y:' },
			],
			['x:a', 'y:app-', 'y:app-a'],
		],
		['another prefix', { groups: ['app-a', 'b'] }, [{ claim: 'groups', strip: 'app-', prefix: 'x:' }], ['x:a']],
		[
			'a table, which leaves out all other values',
			{ groups: ['Domain Users', 'b', 'toString'] },
			[{ claim: 'groups', table: { 'Domain Users': ['read', 'write'], c: 'other' } }],
			['read', 'write'],
		],
		[
			'no value that cannot be a scope',
			{ groups: ['Domain Users', 'Ü', '"', 'x'.repeat(129), 'ok'] },
			['groups'],
			['ok'],
		],
		['none from a claim of another type', { scope: 7 }, undefined, []],
		['none from a claim that is missing', {}, [{ claim: ['a', 'b'] }], []],
	])('are taken from %s', (_, claims, scopes, expected) => {
		expect(scopesOf(claims, { scopes })).toEqual(expected);
	});
});

test('a claim that every object inherits is no claim', () => {
	expect(claimAt({}, 'constructor')).toBeUndefined();
	expect(claimAt({ a: 'text' }, ['a', 'length'])).toBeUndefined();
	expect(assuranceOf({ acr: 'constructor' }, { acr: {} })).toBe(1);
});

describe('the assurance level', () => {
	test.each<[Record<string, unknown>, ClaimMapping, number]>([
		[{ acr: 'urn:example:aal3' }, {}, 3],
		[{ acr: 'urn:example:AAL2' }, {}, 2],
		[{ acr: 'baal3' }, {}, 1],
		[{ acr: 'urn:example:aal3' }, { acr: {} }, 1],
		[{ amr: ['pwd'] }, {}, 1],
		[{ amr: ['pwd', 'mfa'] }, {}, 2],
		[{ amr: 'mfa' }, {}, 2],
		[{ amr: ['hwk', 'user'] }, {}, 1],
		[{ amr: ['hwk', 'pin'] }, {}, 2],
		[{ amr: ['swk', 'fpt', 'user'] }, {}, 2],
		[{ amr: ['pin', 'pwd'] }, {}, 1],
		[{ amr: ['mfa'] }, { amr: { 'hwk+mfa': 3 } }, 1],
		[{ amr: ['mfa', 'hwk'] }, { amr: { 'hwk+mfa': 3, mfa: 2 } }, 3],
		[{ acr: 'low', amr: ['mfa'] }, { acr: { low: 1 } }, 1],
		[{ acr: 'unknown', amr: ['mfa'] }, { acr: { low: 1 } }, 2],
		[{ acrs: ['c1', 'c2'] }, { acrClaim: 'acrs', acr: { c1: 2, c2: 3 } }, 3],
		[{ acr: 7, amr: { mfa: true } }, { acr: { 7: 3 } }, 1],
	])('of %j with %j is %i', (claims, mapping, level) => {
		expect(assuranceOf(claims, mapping)).toBe(level);
	});
});

test('attributes are texts, numbers and booleans, and lists as texts; anything else is left out', () => {
	const claims = {
		email: 'a@b.example',
		age: 7,
		ok: true,
		groups: ['a', 'b'],
		o: { x: 1 },
		n: null,
		long: 'x'.repeat(4_097),
	};
	const attributes = {
		email: 'email',
		age: 'age',
		ok: 'ok',
		groups: 'groups',
		x: ['o', 'x'],
		o: 'o',
		n: 'n',
		long: 'long',
		none: 'z',
	};
	expect(attributesOf(claims, { attributes })).toEqual({ email: 'a@b.example', age: 7, ok: true, groups: 'a b', x: 1 });
});
