import { App, Fn, Stack, Token } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { describe, expect, test } from 'vitest';
import { Issuer } from '../../infra/issuers/issuer.ts';
import { checkedSettings } from '../../infra/settings/settings.ts';

describe('issuers that are known only after deployment', () => {
	test('the address of a user pool is a place in the file, and its text is in a variable', () => {
		const stack = new Stack(new App(), 'Stack');
		const pool = new UserPool(stack, 'People');
		const [one, two] = [pool.addClient('One'), pool.addClient('Two')];
		const { issuersFile, variables } = checkedSettings({ services: [], issuers: [Issuer.cognito(pool, [one, two])] });
		expect(JSON.parse(issuersFile)).toEqual([
			{
				name: 'cognito',
				preset: 'cognito',
				issuer: [{ $value: 0 }, { $value: 1 }],
				audience: [{ $value: 2 }, { $value: 3 }],
			},
		]);
		expect(JSON.stringify(stack.resolve(variables.LEASEHOLD_ISSUER_VALUES))).toContain('ProviderName');
		expect(variables.LEASEHOLD_ISSUERS, 'the release before knows no presets').toBeUndefined();
	});

	test('the timeouts of a client of the pool are in the file, with a place for its id', () => {
		const pool = new UserPool(new Stack(new App(), 'Stack'), 'People');
		const [web, kiosk] = [pool.addClient('Web'), pool.addClient('Kiosk')];
		const clients = [{ id: kiosk.userPoolClientId, absoluteSeconds: 600 }];
		const issuer = Issuer.cognito(pool, [web, kiosk], { timeouts: { idleSeconds: 900, clients } });
		const [entry] = JSON.parse(checkedSettings({ services: [], issuers: [issuer] }).issuersFile);
		expect(entry.timeouts).toEqual({ idleSeconds: 900, clients: [{ id: entry.audience[1], absoluteSeconds: 600 }] });
		const other = pool.addClient('Other');
		const wrong = { ...issuer, timeouts: { clients: [{ id: other.userPoolClientId, absoluteSeconds: 600 }] } };
		expect(() => checkedSettings({ services: [], issuers: [wrong] })).toThrow(
			'issuers.0.timeouts.clients.0.id: must be',
		);
	});

	test('everything else in the entry is still checked', () => {
		const pool = new UserPool(new Stack(new App(), 'Stack'), 'People');
		const wrong = Issuer.cognito(pool, [], { name: 'People' });
		expect(() => checkedSettings({ services: [], issuers: [wrong] })).toThrow('issuers.0.name: must be 1 to 63');
		const without = Issuer.cognito(pool, []);
		expect(() => checkedSettings({ services: [], issuers: [without] })).toThrow(
			'issuers.0.audience: must not be empty',
		);
	});

	test('one pool in two entries is refused', () => {
		const pool = new UserPool(new Stack(new App(), 'Stack'), 'People');
		const limits = { maxAssurance: 2, scopes: 'any' } as const;
		const issuers = ['a', 'b'].map((name) => Issuer.cognito(pool, [pool.addClient(name)], { name, ...limits }));
		expect(() => checkedSettings({ services: [], issuers })).toThrow('issuers: must have no issuer twice');
	});

	test.each<[string, (later: string) => object]>([
		['0.name', (name) => ({ name })],
		['0.issuer', (host) => ({ issuer: `https://${host}/{tenant}`, tenants: ['a'] })],
		['0.tenants', (tenant) => ({ issuer: 'https://a.example/{tenant}', tenants: [tenant] })],
		['0.client.scope', (scope) => ({ client: { id: 'a', scope } })],
		['0.maxTokenAgeSeconds', (text) => ({ maxTokenAgeSeconds: Token.asNumber(text) })],
	])('%s cannot be known only after deployment', (field, fields) => {
		const entry = { name: 'a', issuer: 'https://a.example', audience: 'a', ...fields(Fn.ref('Later')) };
		expect(() => checkedSettings({ services: [], issuers: [entry] })).toThrow(
			`issuers.${field}: must be known at synthesis: write it as it is`,
		);
	});

	test('the name of a value in a table cannot be known only after deployment', () => {
		const claims = { acr: { [Fn.ref('Later')]: 2 } } as const;
		const entry = { name: 'a', issuer: 'https://a.example', audience: 'a', claims };
		expect(() => checkedSettings({ services: [], issuers: [entry] })).toThrow(
			'issuers: has a table with a value that is known only after deployment: write it as it is',
		);
	});

	test('a list of unknown length is refused', () => {
		const audience = Fn.split(',', Fn.ref('Clients'));
		expect(() =>
			checkedSettings({ services: [], issuers: [{ name: 'a', issuer: 'https://a.example', audience }] }),
		).toThrow('issuers: has a list that is known only after deployment: write its items one by one');
	});

	test('the release before gets an issuer without its timeouts, which it does not know', () => {
		const entry = { name: 'a', issuer: 'https://a.example', audience: 'a', jwksUri: 'https://a.example/keys' };
		const issuers = [{ ...entry, timeouts: { idleSeconds: 900 } }];
		const { issuersFile, variables } = checkedSettings({ services: [], issuers });
		expect(JSON.parse(issuersFile)).toEqual(issuers);
		expect(JSON.parse(String(variables.LEASEHOLD_ISSUERS))).toEqual([entry]);
	});

	test('issuers that the release before can read are also in its variable, while there is room', () => {
		const former = { name: 'a', issuer: 'https://a.example', audience: 'a', jwksUri: 'https://a.example/keys' };
		const limited = { maxAssurance: 2, scopes: 'any' } as const;
		const issuers = (count: number) =>
			Array.from({ length: count }, (_, index) => ({
				...former,
				...limited,
				name: `a${index}`,
				issuer: `https://a${index}.example`,
			}));
		const variablesOf = (count: number) => checkedSettings({ services: [], issuers: issuers(count) }).variables;
		expect(JSON.parse(String(variablesOf(2).LEASEHOLD_ISSUERS))).toEqual(issuers(2));
		expect(variablesOf(300).LEASEHOLD_ISSUERS).toBeUndefined();
		const withClients = issuers(2).map((issuer) => ({ ...issuer, client: { id: 'a' } }));
		const { LEASEHOLD_ISSUERS } = checkedSettings({ services: [], issuers: withClients }).variables;
		expect(JSON.parse(String(LEASEHOLD_ISSUERS)), 'without clients').toEqual(issuers(2));
	});
});
