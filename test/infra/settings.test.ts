import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { App, Duration, Token } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { configurationFile, problemIn, readConfiguration } from '../../infra/settings/configuration.ts';
import { SettingError } from '../../infra/settings/setting-error.ts';
import { checkedSettings } from '../../infra/settings/settings.ts';
import { LeaseholdStack } from '../../infra/stack.ts';
import { exampleFile, synthesized } from './synthesized.ts';

const { issuers, services } = readConfiguration(exampleFile);
const [issuer] = issuers;
const valid = { issuers, services };

describe('settings that cannot work', () => {
	test.each<[string, Partial<Parameters<typeof checkedSettings>[0]>, string]>([
		[
			'a staleness bound as long as the lease',
			{ maxStaleness: Duration.seconds(10) },
			'(10000 ms) must be shorter than the lease (10000 ms)',
		],
		[
			'a lease that is longer than feed entries are kept',
			{ leaseDuration: Duration.minutes(20) },
			'for at least 1202000 ms, not 1200000 ms',
		],
		[
			'a lease that may expire before its renewal',
			{ leaseDuration: Duration.seconds(4) },
			'a lease of 4000 ms may expire before it is renewed, because the renewal has two thirds of the lease and may take 4000 ms with a staleness bound of 2000 ms: choose a lease of 6000 ms or more',
		],
		[
			'a staleness bound shorter than a slow sync',
			{ maxStaleness: Duration.millis(300) },
			'a slow sync may take 500 ms, which is longer than a staleness bound of 300 ms, so instances could not answer from memory: choose 500 ms or more',
		],
		[
			'a feed of more shards than a sync can read',
			{ feed: { shards: 33, replicas: 1 } },
			'feed: must be 1 to 32 shards and 1 to 64 replicas, such as "8x13"',
		],
		[
			'a time that is none',
			{ unsignedSessionsUntil: 'tomorrow' },
			'must be a time like 2026-12-31T00:00:00Z, not "tomorrow"',
		],
		[
			'a client that is not the audience',
			{ issuers: [{ ...issuer, client: { id: 'another' } } as NonNullable<typeof issuer>] },
			'issuers.0.client.id: must be in audience',
		],
		['an origin with a path', { origins: ['https://app.example.com/'] }, 'origins.0: must be written as https://'],
		[
			'a public address without TLS',
			{ publicUrl: 'http://example.com' },
			'publicUrl: must be a URL such as https://example.com/sessions',
		],
		['no issuer', { issuers: [] }, 'issuers: must not be empty'],
		[
			'an issuer without keys',
			{ issuers: [{ name: 'one', issuer: 'https://one.example', audience: 'a', jwksUri: 'none' }] },
			'issuers.0.jwksUri: must be an https URL',
		],
		[
			'two services of one name',
			{ services: [{ name: 'notes' }, { name: 'notes' }] },
			'services: two services are named notes',
		],
		['a service with an invalid name', { services: [{ name: 'Notes!' }] }, '0.name: must be 1 to 63 lowercase letters'],
		[
			'an attribute with an invalid name',
			{ clientAttributes: ['no such name'] },
			'clientAttributes: must be a JSON array of at most 64 attribute names',
		],
		[
			'a quota above the largest one',
			{ quota: { max: 101, action: 'deny' } },
			'quota.max: must be at most 100, not 101',
		],
		[
			'a limit that allows no list',
			{ clientLimits: { requestsPerSecond: 10 } },
			'clientLimits.requestsPerSecond: must be at least 11, not 10: with fewer, no client could list its sessions',
		],
		[
			'a limit that is no number',
			{ clientLimits: { failedLoginsPerSecond: Number.NaN } },
			'clientLimits.failedLoginsPerSecond: must be a whole number from 1 to 1000000000000, not "NaN"',
		],
		[
			'a route that two services have',
			{
				services: [
					{ name: 'a', routes: ['GET /a'] },
					{ name: 'b', routes: ['GET /a'] },
				],
			},
			'services: both a and b have the route GET /a',
		],
		[
			'a preset that does not exist',
			{ timeouts: 'aal4' as 'aal3' },
			'timeouts: must be one of aal1, aal2, aal3, not "aal4"',
		],
		[
			'a level that does not exist',
			{ timeouts: { level: 'aal4' as 'aal3', idleSeconds: 600 } },
			'timeouts.level: must be one of aal1, aal2, aal3, not "aal4"',
		],
		[
			'a timeout above that of the level',
			{ timeouts: { level: 'aal3', idleSeconds: 901 } },
			'timeouts.idleSeconds: must be at most 900, the limit of the level in timeouts, and not 901',
		],
		[
			'a timeout above that of the default level',
			{ timeouts: { persistent: { absoluteSeconds: 2_592_000 } } },
			'timeouts.persistent.absoluteSeconds: must be at most 86400, the limit of the level in timeouts, and not 2592000',
		],
		[
			'a timeout of a client above that of the level',
			{
				timeouts: 'aal3',
				issuers: [
					{ ...issuer, timeouts: { clients: [{ id: 'leasehold', absoluteSeconds: 43_201 }] } },
				] as typeof issuers,
			},
			'issuers.0.timeouts.clients.0.absoluteSeconds: must be at most 43200, the limit of the level in timeouts, and not 43201',
		],
		[
			'a timeout that is known only after deployment',
			{ timeouts: { idleSeconds: Token.asNumber('Later') } },
			'timeouts.idleSeconds: must be a whole number of seconds, 60 or more',
		],
	])('synthesis refuses %s', (_, wrong, message) => {
		expect(() => checkedSettings({ ...valid, ...wrong })).toThrow(message);
	});

	test('the values that an error proposes are accepted', () => {
		for (const leaseDuration of [Duration.minutes(4), Duration.seconds(6)])
			expect(checkedSettings({ ...valid, leaseDuration }).requestMs).toBeLessThanOrEqual(30_000);
		expect(checkedSettings({ ...valid, maxStaleness: Duration.millis(500) }).requestMs).toBe(17_000);
	});

	test('valid settings are refused if together they exceed the limit of a function’s environment', () => {
		const clientAttributes = Array.from({ length: 64 }, (_, index) => `attribute${index}`.padEnd(60, 'x'));
		expect(() => synthesized({ configuration: { clientAttributes } })).toThrow(
			/clientAttributes: the environment variables of SessionServer take \d+ bytes, but Lambda allows 4096: shorten the largest, LEASEHOLD_CLIENT_ATTRIBUTES \(4\d{3} bytes\)/,
		);
		expect(() => synthesized({ configuration: { clientAttributes: clientAttributes.slice(0, 32) } })).not.toThrow();
	});

	test('the timeouts in the deployment guide are accepted', () => {
		const guide = readFileSync(new URL('../../docs/operate/deploy.md', import.meta.url), 'utf8');
		const section = guide.slice(guide.indexOf('### Timeouts\n'), guide.indexOf('### Lease\n'));
		const [ofDeployment, ofIssuer, ...others] = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, text]) =>
			JSON.parse(`{${text}}`),
		);
		expect(ofDeployment).toMatchObject({ timeouts: { level: 'aal1' } });
		expect(checkedSettings({ ...valid, ...ofDeployment }).timeouts).toEqual(timeoutPresets.aal1);
		const withApps = { ...issuer, audience: ['leasehold', 'kiosk'], ...ofIssuer } as NonNullable<typeof issuer>;
		expect(withApps.timeouts?.clients).toHaveLength(1);
		expect(() => checkedSettings({ ...valid, issuers: [withApps] })).not.toThrow();
		expect(others).toEqual([]);
	});

	test('no template is made of settings that cannot work', () => {
		expect(() => synthesized({ configuration: { maxStalenessMs: 20_000 } })).toThrow('20000 ms');
	});
});

describe('the configuration file', () => {
	const [ownFile, example] = ['infra/configuration.json', 'infra/configuration.example.json'];

	test('by default, the file is the deployment’s own or else the example, and a notice says which', () => {
		const files = [configurationFile(undefined, () => true), configurationFile(undefined, () => false)];
		expect(files).toEqual([
			{ file: ownFile, notice: `Using the configuration ${ownFile}.\n` },
			{ file: example, notice: `Using the configuration ${example}, because ${ownFile} does not exist.\n` },
		]);
		expect(configurationFile('mine.json', () => true)).toEqual({
			file: 'mine.json',
			notice: '',
		});
	});

	let folder: string;
	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), 'leasehold-configuration-'));
	});
	afterAll(() => rm(folder, { recursive: true }));

	function fileOf(text: string): string {
		const file = join(folder, 'configuration.json');
		writeFileSync(file, text);
		return file;
	}

	/** The message for a file that cannot work, whichever step finds the problem. */
	function problemOf(text: string): string {
		const file = fileOf(text);
		try {
			const app = new App({ context: { 'aws:cdk:bundling-stacks': [] } });
			new LeaseholdStack(app, 'Leasehold', { configuration: readConfiguration(file) });
		} catch (error) {
			if (error instanceof SettingError) return problemIn('FILE', error);
			throw error;
		}
		throw new Error('the file was accepted');
	}

	test.each<[object, string]>([
		[{ timeout: 'aal2' }, 'timeout: is not a known setting: remove it, or correct its name'],
		[{ issuers: undefined }, 'issuers: is missing'],
		[{ issuers: [] }, 'issuers: must not be empty'],
		[
			{ clientAttributes: ['theme', 'no such name'] },
			'clientAttributes.1: must be 1 to 64 letters, digits, dots, hyphens and underscores, and start with a lowercase letter',
		],
		[{ issuers: {} }, 'issuers: must be an array, not an object'],
		[{ issuers: [{ ...issuer, audience: 7 }] }, 'issuers.0.audience: must be a string or an array, not 7'],
		[
			{ issuers: [{ ...issuer, jwksUri: 'none' }] },
			'issuers.0.jwksUri: must be an https URL, such as https://issuer.example.com, without a user name',
		],
		[{ issuers: [{ ...issuer, issuer: ['https://a.example', 1] }] }, 'issuers.0.issuer.1: must be a string, not 1'],
		[{ issuers: [{ ...issuer, tenants: [] }] }, 'issuers.0.tenants: must not be empty'],
		[{ issuers: [{ ...issuer, tenants: [1] }] }, 'issuers.0.tenants.0: must be a string, not 1'],
		[{ issuers: [{ ...issuer, authorizedParties: [] }] }, 'issuers.0.authorizedParties: must not be empty'],
		[
			{ issuers: [{ ...issuer, authorizedParties: 1 }] },
			'issuers.0.authorizedParties: must be a string or an array, not 1',
		],
		[
			{ issuers: [{ ...issuer, audience: Array.from({ length: 101 }, (_, index) => `app${index}`) }] },
			'issuers.0.audience: must have 100 or less items, not 101',
		],
		[
			{ issuers: [{ ...issuer, claims: { scopes: [['realm_access', 'roles']] } }] },
			'issuers.0.claims.scopes.0: must be the name of a claim or an object, such as { "claim": ["realm_access", "roles"] } for a path',
		],
		[
			{ issuers: [{ ...issuer, claims: { scopes: [{ claim: 'groups', map: {} }] } }] },
			'issuers.0.claims.scopes.0.map: is not a known setting: remove it, or correct its name',
		],
		[
			{ issuers: [{ ...issuer, claims: { scopes: [{ prefix: 'group:' }] } }] },
			'issuers.0.claims.scopes.0.claim: is missing',
		],
		[
			{ issuers: [{ ...issuer, claims: { attributes: { 'No name': 'email' } } }] },
			'issuers.0.claims.attributes.No name: must be named with 1 to 64 letters, digits, dots, hyphens and underscores, and start with a lowercase letter',
		],
		[{ issuers: [{ ...issuer, scopes: [1] }] }, 'issuers.0.scopes.0: must be a string, not 1'],
		[
			{ issuers: [issuer, issuer].map((one) => ({ ...one, maxAssurance: 2, scopes: 'any' })) },
			'issuers: must have no name twice, but two are named example',
		],
		[
			{
				issuers: [
					{ ...issuer, maxAssurance: 2, scopes: 'any' },
					{ ...issuer, name: 'two', issuer: 'https://two.example' },
				],
			},
			'issuers.1.maxAssurance: is needed if there are several issuers',
		],
		[
			{ issuers: [{ ...issuer, clockToleranceSeconds: 600 }] },
			'issuers.0.clockToleranceSeconds: must be 300 or less, not 600',
		],
		[
			{ timeouts: 'aal4' },
			'timeouts: must be one of aal1, aal2, aal3, or an object such as { "level": "aal2", "idleSeconds": 900 }',
		],
		[{ timeouts: { level: 'aal4' } }, 'timeouts.level: must be one of aal1, aal2, aal3'],
		[{ timeouts: { idle: 600 } }, 'timeouts.idle: is not a known setting: remove it, or correct its name'],
		[{ timeouts: { idleSeconds: '600' } }, 'timeouts.idleSeconds: must be a whole number of seconds, 60 or more'],
		[{ timeouts: { idleSeconds: 30 } }, 'timeouts.idleSeconds: must be a whole number of seconds, 60 or more'],
		[
			{ timeouts: { idleSeconds: 3_601 } },
			'timeouts.idleSeconds: must be at most 3600, the limit of the level in timeouts, and not 3601',
		],
		[
			{ timeouts: { absoluteSeconds: 600, idleSeconds: 900 } },
			'timeouts.idleSeconds: must be at most 600, the absoluteSeconds beside it, and not 900',
		],
		[
			{ issuers: [{ ...issuer, timeouts: { idleSeconds: 3_601 } }] },
			'issuers.0.timeouts.idleSeconds: must be at most 3600, the limit of the level in timeouts, and not 3601',
		],
		[
			{ issuers: [{ ...issuer, timeouts: { clients: [{ id: 'other', idleSeconds: 600 }] } }] },
			'issuers.0.timeouts.clients.0.id: must be in audience or in authorizedParties: no other client can log in',
		],
		[
			{ issuers: [{ ...issuer, timeouts: { clients: [{ idleSeconds: 600 }] } }] },
			'issuers.0.timeouts.clients.0.id: is missing',
		],
		[{ cookie: { renewalSeconds: 1 } }, 'cookie.renewalSeconds: must be a whole number of seconds, from 60 to 2592000'],
		[{ endingMaxAuthenticationAgeSeconds: 0 }, 'endingMaxAuthenticationAgeSeconds: must be 1 or more, not 0'],
		[
			{ clientLimits: { requestsPerSecond: 10 } },
			'clientLimits.requestsPerSecond: must be at least 11, not 10: with fewer, no client could list its sessions',
		],
		[{ clientLimits: { failedLoginsPerSecond: 0 } }, 'clientLimits.failedLoginsPerSecond: must be 1 or more, not 0'],
		[
			{ clientLimits: { failedLogins: 5 } },
			'clientLimits.failedLogins: is not a known setting: remove it, or correct its name',
		],
		[{ data: 'maybe' }, 'data: must be "keep" or "delete", not "maybe"'],
		[{ quota: { max: 1_000, action: 'deny' } }, 'quota.max: must be at most 100, not 1000'],
		[{ maxStalenessMs: 0 }, 'maxStalenessMs: must be 1 or more, not 0'],
		[{ maxStalenessMs: 0.5 }, 'maxStalenessMs: must be a whole number, not 0.5'],
		[
			{ maxStalenessMs: 20_000 },
			'maxStalenessMs, leaseDurationMs: the staleness bound (20000 ms) must be shorter than the lease (10000 ms): a lease is renewed by the syncs that keep within the bound',
		],
		[{ alarmsTopicArn: 'alarms' }, 'alarmsTopicArn: must be an ARN like arn:aws:sns:eu-west-1:123456789012:alarms'],
		[
			{ memory: { functionMb: 512, copiesMb: 256 } },
			'memory: copiesMb is 256, but a function with 512 MB has room for 128: set functionMb to 1024 or more, or copiesMb to 128 or less',
		],
	])('a file with %j is refused in the file’s own terms', (wrong, problem) => {
		expect(problemOf(JSON.stringify({ ...valid, ...wrong }))).toBe(`FILE: ${problem}`);
	});

	test('a file that is not JSON or does not exist is refused with what to do', () => {
		expect(problemOf('{')).toMatch(/^FILE is not JSON: .+/);
		expect(() => readConfiguration(join(folder, 'none.json'))).toThrow(`does not exist: copy ${example}`);
	});

	test('a file with ARNs of any partition and form is accepted', () => {
		const configuration = {
			...valid,
			alarmsTopicArn: 'arn:aws-us-gov:sns:us-gov-west-1:123456789012:On_call-1.fifo',
			domain: {
				name: 'sessions.example.com',
				certificateArn: 'arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
			},
		};
		expect(readConfiguration(fileOf(JSON.stringify(configuration)))).toEqual(configuration);
	});

	test('the file is checked before anything is bundled, and the problem is one sentence without a stack trace', async () => {
		const file = fileOf(JSON.stringify({ ...valid, reservedConcurrency: { repair: 3 } }));
		const app = fileURLToPath(new URL('../../infra/app.ts', import.meta.url));
		const environment = { CDK_CONTEXT_JSON: JSON.stringify({ configuration: file }), CDK_OUTDIR: join(folder, 'out') };
		const running = promisify(execFile)(process.execPath, [app], { env: { ...process.env, ...environment } });
		await expect(running).rejects.toMatchObject({
			code: 1,
			stdout: '',
			stderr:
				`${file}: reservedConcurrency.repair: 3 is less than the 10 executions that the queue ` +
				'may start, so Lambda would throttle the others: reserve 10 or more, or none\n',
		});
	});
});
