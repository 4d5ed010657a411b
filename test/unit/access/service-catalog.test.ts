import { describe, expect, test } from 'vitest';
import { demandOf, parseServiceCatalog, servicesByRoute } from '../../../functions/access/service-catalog.ts';

const plain = { name: 'plain' };

describe('a service catalog', () => {
	test('has each rule under the name of its service', () => {
		const full = {
			name: 'payments',
			anyScope: ['a'],
			allScopes: ['b'],
			minAssurance: 2,
			maxAuthenticationAgeSeconds: 300,
			freshness: 'strict',
			url: 'https://payments.example/v2',
			routes: ['GET /payments/{id}', 'ANY /payments/{proxy+}', '$default'],
		};
		const catalog = parseServiceCatalog([plain, full]);
		expect([...catalog.keys()]).toEqual(['plain', 'payments']);
		expect(catalog.get('payments')).toEqual({ ...full, demand: 'strict' });
	});

	test.each([
		['a name in capitals', { name: 'Payments' }, '1.name'],
		['a name with a slash', { name: 'a/b' }, '1.name'],
		['an empty name', { name: '' }, '1.name'],
		['a name of 64 characters', { name: 'a'.repeat(64) }, '1.name'],
		['no name', { anyScope: ['a'] }, '1.name'],
		['an empty list of scopes', { name: 'b', anyScope: [] }, '1.anyScope'],
		['a scope that is a number', { name: 'b', allScopes: ['a', 1] }, '1.allScopes.1'],
		['assurance level 4', { name: 'b', minAssurance: 4 }, '1.minAssurance'],
		['an authentication age of 0', { name: 'b', maxAuthenticationAgeSeconds: 0 }, '1.maxAuthenticationAgeSeconds'],
		['an authentication age of 0.5', { name: 'b', maxAuthenticationAgeSeconds: 0.5 }, '1.maxAuthenticationAgeSeconds'],
		['an unknown freshness', { name: 'b', freshness: 'eventual' }, '1.freshness'],
		['an unknown value of degraded', { name: 'b', degraded: 'maybe' }, '1.degraded'],
		['a misspelled limit', { name: 'b', minAssurence: 3 }, '1.minAssurence'],
		['a URL of another protocol', { name: 'b', url: 'ftp://b.example' }, '1.url'],
		['a URL with a password', { name: 'b', url: 'https://u:p@b.example' }, '1.url'],
		['a URL with a query', { name: 'b', url: 'https://b.example/?' }, '1.url'],
		['a URL with a fragment', { name: 'b', url: 'https://b.example/#' }, '1.url'],
		['an incomplete URL', { name: 'b', url: 'b.example' }, '1.url'],
		['a route without a method', { name: 'b', routes: ['/b'] }, '1.routes.0'],
		['a route of an unknown method', { name: 'b', routes: ['GET /b', 'FETCH /b'] }, '1.routes.1'],
		['an entry that is not an object', 'b', '1'],
	])('with %s is refused, and the error names entry and field', (_what, rule, path) => {
		expect(() => parseServiceCatalog([plain, rule])).toThrow(`service catalog, ${path}: `);
	});

	test('with the former name of the authentication age is refused with the new one', () => {
		expect(() => parseServiceCatalog([plain, { name: 'b', maxAuthenticationAge: 300 }])).toThrow(
			'service catalog, 1.maxAuthenticationAge: has a new name: maxAuthenticationAgeSeconds',
		);
	});

	test('with a strict service that allows degraded answers is refused, and the error names it', () => {
		const rule = { name: 'vault', freshness: 'strict', degraded: 'allow' };
		expect(() => parseServiceCatalog([plain, rule])).toThrow('vault is strict');
	});

	test.each([
		[{}, 'bounded'],
		[{ freshness: 'strict' }, 'strict'],
		[{ degraded: 'unavailable' }, 'bounded'],
		[{ freshness: 'bounded', degraded: 'allow' }, 'lenient'],
	] as const)('with the rule %o demands reads that are %s', (rule, expected) => {
		expect(demandOf({ name: 'a', ...rule })).toBe(expected);
	});

	test('that is not a list is refused', () => {
		expect(() => parseServiceCatalog({ plain })).toThrow('service catalog, top level: ');
	});

	test('with two services of one name is refused, and the error names it', () => {
		expect(() => parseServiceCatalog([plain, { name: 'other' }, plain])).toThrow('two services are named plain');
	});

	test('with more than 500 services is refused', () => {
		const rules = Array.from({ length: 501 }, (_, index) => ({ name: `service-${index}` }));
		expect(() => parseServiceCatalog(rules)).toThrow('service catalog, top level: ');
		expect(parseServiceCatalog(rules.slice(1)).size).toBe(500);
	});

	test('maps each route to one service and is refused if two services have the same route', () => {
		const rules = [plain, { name: 'a', routes: ['GET /a', '$default'] }, { name: 'b', routes: ['GET /b'] }];
		expect(Object.fromEntries(servicesByRoute(parseServiceCatalog(rules)))).toEqual({
			'GET /a': 'a',
			$default: 'a',
			'GET /b': 'b',
		});
		const both = parseServiceCatalog([...rules, { name: 'c', routes: ['GET /a'] }]);
		expect(() => servicesByRoute(both)).toThrow('both a and c have the route GET /a');
	});
});
