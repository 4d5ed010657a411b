import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../infra/configuration.ts';
import { Leasehold } from '../../infra/leasehold.ts';
import { checkedSettings } from '../../infra/settings.ts';
import { exampleFile, synthesized } from './synthesized.ts';

const { issuers, services } = readConfiguration(exampleFile);
const [issuer] = issuers;
const valid = { issuers, services };

describe('settings that cannot work are refused when the stack is synthesized', () => {
	it.each<[string, Partial<Parameters<typeof checkedSettings>[0]>, string]>([
		[
			'a staleness bound as long as the lease',
			{ maxStaleness: Duration.seconds(10) },
			'(10000 ms) must be shorter than the lease (10000 ms)',
		],
		[
			'a lease that entries do not outlive',
			{ leaseDuration: Duration.minutes(5) },
			'for at least 302000 ms, not 300000 ms',
		],
		[
			'a lease whose proof API Gateway does not wait for',
			{ leaseDuration: Duration.seconds(25) },
			'with a lease of 25000 ms, a logout that waits for its proof may take 34000 ms, and API Gateway waits for 30000 ms; choose a lease of 21000 ms or less',
		],
		[
			'a lease that ends before its renewal',
			{ leaseDuration: Duration.seconds(4) },
			'a lease of 4000 ms may end before it is renewed: with a staleness bound of 2000 ms that takes up to 3000 ms, for which two thirds of the lease are left; choose a lease of 4500 ms or more',
		],
		[
			'a staleness bound shorter than a slow sync',
			{ maxStaleness: Duration.millis(300) },
			'a staleness bound of 300 ms has passed before a slow sync ends, which may take 500 ms',
		],
		['no issuer', { issuers: [] }, 'issuers, clientAttributes, quota: environment variable LEASEHOLD_ISSUERS'],
		[
			'an issuer without keys',
			{ issuers: [{ name: 'one', issuer: 'https://one.example', audience: 'a', jwksUri: 'none' }] },
			'0.jwksUri: Invalid URL: Received "none"',
		],
		['two services of one name', { services: [{ name: 'notes' }, { name: 'notes' }] }, 'two services are named notes'],
		[
			'a service with an unlikely name',
			{ services: [{ name: 'Notes!' }] },
			'0.name: must be 1 to 63 lowercase letters',
		],
		[
			'an attribute that cannot be',
			{ clientAttributes: ['no such name'] },
			'LEASEHOLD_CLIENT_ATTRIBUTES must be a JSON array',
		],
		[
			'a quota of more than can be listed',
			{ quota: { max: 101, action: 'deny' } },
			'LEASEHOLD_QUOTA_MAX must be at most 100, not 101',
		],
		['a preset that does not exist', { timeouts: 'aal4' as 'aal3' }, 'timeouts: "aal4" is none of aal1, aal2, aal3'],
	])('%s', (_, wrong, message) => {
		expect(() => checkedSettings({ ...valid, ...wrong })).toThrow(message);
	});

	it('and what they say to choose is accepted', () => {
		for (const leaseDuration of [Duration.seconds(21), Duration.millis(4_500)])
			expect(checkedSettings({ ...valid, leaseDuration }).requestMs).toBeLessThanOrEqual(30_000);
		expect(checkedSettings({ ...valid, maxStaleness: Duration.millis(500) }).requestMs).toBe(19_000);
	});

	it('and so are settings that are each right, and together more than a function’s environment takes', () => {
		const clientAttributes = Array.from({ length: 64 }, (_, index) => `attribute${index}`.padEnd(60, 'x'));
		expect(() => synthesized({ configuration: { clientAttributes } })).toThrow(
			/session server.* bytes, and Lambda takes 4096; the largest is LEASEHOLD_CLIENT_ATTRIBUTES with 4\d{3}: make it shorter/,
		);
		expect(() => synthesized({ configuration: { clientAttributes: clientAttributes.slice(0, 32) } })).not.toThrow();
	});

	it('and do not reach a template', () => {
		expect(() => synthesized({ configuration: { maxStalenessMs: 20_000 } })).toThrow('20000 ms');
	});
});

describe('settings that are not known before the stack is deployed', () => {
	it('are taken as they are', () => {
		const template = synthesized({
			add: (stack) => {
				const pool = new UserPool(stack, 'People');
				new Leasehold(stack, 'Another', {
					services: [],
					issuers: [
						{
							name: 'people',
							issuer: pool.userPoolProviderUrl,
							audience: 'client',
							jwksUri: `${pool.userPoolProviderUrl}/.well-known/jwks.json`,
						},
					],
				});
			},
		});
		const functions = Object.entries(template.findResources('AWS::Lambda::Function'));
		const another = functions.find(([id]) => id.startsWith('AnotherSessionServer'));
		expect(JSON.stringify(another)).toContain('ProviderURL');
	});
});

describe('the configuration file', () => {
	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'leasehold-configuration-'));
	});
	afterAll(() => rm(folder, { recursive: true }));

	it.each([
		['{', 'is not JSON'],
		[
			'{ "issuers": [], "services": [], "timeout": "aal2" }',
			'timeout: Invalid key: Expected never but received "timeout"',
		],
		[
			JSON.stringify({ issuers: [{ ...issuer, audience: 7 }], services: [] }),
			'issuers.0.audience: Invalid type: Expected string but received 7',
		],
		[
			JSON.stringify({ ...valid, data: 'maybe' }),
			'data: Invalid type: Expected ("keep" | "delete") but received "maybe"',
		],
	])('%s is refused with what is wrong', (text, message) => {
		const file = join(folder, 'configuration.json');
		writeFileSync(file, text);
		expect(() => readConfiguration(file)).toThrow(message);
		expect(() => readConfiguration(file)).toThrow(file);
	});

	it('that is missing is named, with what to do', () => {
		expect(() => readConfiguration('infra/configuration.json')).toThrow('copy infra/configuration.example.json');
	});
});
