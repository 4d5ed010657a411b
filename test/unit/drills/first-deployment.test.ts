import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createAwsDeployment } from '../../../drills/first-deployment/aws-deployment.ts';
import { findingOf } from '../../../drills/first-deployment/end-to-end.ts';
import { removalOf } from '../../../drills/first-deployment/leftovers.ts';
import { parseTrialOptions } from '../../../drills/first-deployment/options.ts';
import { isWell, reportOf } from '../../../drills/first-deployment/report.ts';
import { runTrial } from '../../../drills/first-deployment/run-trial.ts';
import type { Account, Answer, Step, Trial } from '../../../drills/first-deployment/step.ts';
import { steps } from '../../../drills/first-deployment/steps.ts';
import { trialConfiguration } from '../../../drills/first-deployment/trial-configuration.ts';

const exampleFile = new URL('../../../infra/configuration.example.json', import.meta.url).pathname;
const issuer = { name: 'people', issuer: 'https://issuer.example', audience: 'app' };
const stop = new AbortController().signal;
const holds: Step = { claim: 'It works.', check: async () => ({ holds: true, seen: 'it' }) };
const fails: Step = { claim: 'It fails.', check: () => Promise.reject(new Error('no')) };

describe('a trial', () => {
	test('destroys the stack after a deployment that failed, and reaches no step', async () => {
		const stage = stageOf(() => Promise.reject(new Error('no quota')));
		const results = await runTrial(stage, [holds], stop);
		expect(stage.destroyed).toBe(1);
		expect(results.deployed).toEqual({ kind: 'failed', why: 'Error: no quota' });
		expect(results.steps[0]?.outcome.kind).toBe('not-reached');
		expect(isWell(results)).toBe(false);
	});

	test('takes the next step after one that failed, and destroys the stack', async () => {
		const stage = stageOf(async () => trialOf());
		const results = await runTrial(stage, [fails, holds], stop);
		expect(results.steps.map(({ outcome }) => outcome.kind)).toEqual(['failed', 'holds']);
		expect(stage.destroyed).toBe(1);
		expect(isWell(results)).toBe(false);
	});

	test('begins no step after an interruption, and destroys the stack', async () => {
		const interruption = new AbortController();
		const interrupts: Step = {
			claim: 'It is interrupted.',
			check: async () => {
				interruption.abort();
				return { holds: true, seen: 'it' };
			},
		};
		const stage = stageOf(async () => trialOf());
		const results = await runTrial(stage, [interrupts, holds], interruption.signal);
		expect(results.steps.map(({ outcome }) => outcome.kind)).toEqual(['holds', 'not-reached']);
		expect(stage.destroyed).toBe(1);
		expect(isWell(results)).toBe(false);
	});

	test('reports what an emulator cannot show as not possible, and does not try it', async () => {
		const trial = trialOf({ emulated: true });
		const results = await runTrial(
			stageOf(async () => trial),
			[{ ...fails, notOnEmulators: 'it is kind' }],
			stop,
		);
		expect(results.steps[0]?.outcome).toEqual({ kind: 'not-possible-here', why: 'it is kind' });
		expect(isWell(results)).toBe(true);
	});

	test('is not well if the stack was not destroyed', async () => {
		const stage = { deploy: async () => trialOf(), destroy: () => Promise.reject(new Error('in use')) };
		expect(isWell(await runTrial(stage, [holds], stop))).toBe(false);
	});
});

describe('the steps', () => {
	test('all hold on a deployment that keeps the promises', async () => {
		const results = await runTrial(
			stageOf(async () => trialOf()),
			steps,
			stop,
		);
		expect(results.steps.filter(({ outcome }) => outcome.kind !== 'holds')).toEqual([]);
	});

	test.each([
		['An unknown path', { '/first-deployment': answer(500) }],
		['HTTP APIs pass', { anonymous: answer(401, { 'x-amzn-remapped-www-authenticate': 'Bearer' }) }],
		['Warm decisions', { authorize: answer(503) }],
		['Requests after a pause', { authorize: answer(503) }],
		['A logout', { '/v1/session?confirm=everywhere': answer(202, {}, { confirmed: false }) }],
	])('"%s" differs if the answer is another', async (claim, answers) => {
		const results = await runTrial(
			stageOf(async () => trialOf({}, answers)),
			steps,
			stop,
		);
		expect(results.steps.find((result) => result.claim.startsWith(claim))?.outcome.kind).toBe('differs');
	});

	test.each<[string, Partial<Account>, string]>([
		['Requests after a pause', { failedCalls: async () => [failedCall('unreachable')] }, 'differs'],
		['Requests after a pause', { failedCalls: async () => [failedCall('timeout')] }, 'differs'],
		['Requests after a pause', { failedCalls: async () => [failedCall('denied')] }, 'holds'],
		['No call to AWS', { failedCalls: async () => [failedCall('denied')] }, 'differs'],
		['No call to AWS', { failedCalls: async () => [failedCall('throttled')] }, 'holds'],
		['IAM holds', { simulateAccess: async () => [access({ expected: false, allowed: true })] }, 'differs'],
		['IAM holds', { simulateAccess: async () => [access({ expected: true, allowed: false })] }, 'differs'],
		['IAM holds', { simulateAccess: async () => [] }, 'differs'],
		['The session table', { beginRestore: async () => 'too-young' }, 'not-possible-here'],
		['The session table', { restoredItems: async () => undefined }, 'not-possible-here'],
		['The session table', { restoredItems: async () => 0 }, 'differs'],
		['CloudWatch', { metrics: async () => ({ sessionServer: 3, bus: 0 }) }, 'differs'],
		['Decisions of new', { replaceEnvironments: () => Promise.reject(new Error('denied')) }, 'failed'],
	])('"%s" looks at the account %o and %s', async (claim, account, kind) => {
		const results = await runTrial(
			stageOf(async () => trialOf({ account: { ...soundAccount, ...account } })),
			steps,
			stop,
		);
		expect(results.steps.find((result) => result.claim.startsWith(claim))?.outcome.kind).toBe(kind);
	});

	test('a rotation that does not end differs after its time', async () => {
		const trial = trialOf({ rotated: async () => false });
		const results = await runTrial(
			stageOf(async () => trial),
			steps,
			stop,
		);
		expect(results.steps.find(({ claim }) => claim.startsWith('A rotation'))?.outcome).toEqual({
			kind: 'differs',
			seen: 'not rotated within 180000 ms',
		});
	});
});

test('the report has neither addresses nor account numbers, and keeps the table whole', async () => {
	const leaky: Step = {
		claim: 'It is quiet.',
		check: () => Promise.reject(new Error('https://x.example/a failed\nfor 123456789012 | twice')),
	};
	const results = await runTrial(
		stageOf(async () => trialOf()),
		[leaky],
		stop,
	);
	const report = reportOf(results, { where: 'AWS', version: '1.2.3' });
	expect(report).toContain('| It is quiet. | **failed** | Error: URL failed for ACCOUNT \\| twice |');
	expect(report).toContain('Not covered by this command:');
});

test.each([
	['getaddrinfo ENOTFOUND a1b2.execute-api.eu-west-1.amazonaws.com', 'getaddrinfo ENOTFOUND HOST'],
	['connect ECONNREFUSED 203.0.113.7:443', 'connect ECONNREFUSED ADDRESS:443'],
	[
		'User: arn:aws:sts::123456789012:assumed-role/Admin/ada@x.example is not authorized to perform: dynamodb:Scan',
		'User: ARN of sts is not authorized to perform: dynamodb:Scan',
	],
	['no bucket assets_123456789012_eu', 'no bucket assets_ACCOUNT_eu'],
	['refused: eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln', 'refused: TOKEN'],
])('of the error "%s", the report says "%s"', async (text, told) => {
	const leaky: Step = { claim: 'It is quiet.', check: () => Promise.reject(text) };
	const results = await runTrial(
		stageOf(async () => trialOf()),
		[leaky],
		stop,
	);
	expect(reportOf(results, { where: 'AWS', version: '1.2.3' })).toContain(`| **failed** | ${told} |`);
});

test('a trial outlives its terminal, and so do the programs that it runs', async () => {
	const modules = ['terminal', 'child'].map(
		(name) => new URL(`../../../drills/first-deployment/${name}.ts`, import.meta.url),
	);
	const code = `
		const { outliveTerminal } = await import('${modules[0]}');
		const { runProgram } = await import('${modules[1]}');
		outliveTerminal(() => {
			process.stderr.write('a signal');
			runProgram('--eval', ['process.stderr.write("more"); process.stdout.write("more")'], {}).then(() => process.exit(7));
		});
		console.log('ready');
		setTimeout(() => process.exit(1), 10_000);
	`;
	const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'pipe'] });
	await once(child.stdout, 'data');
	child.stdout.destroy();
	child.stderr.destroy();
	child.kill('SIGHUP');
	expect(await once(child, 'exit')).toEqual([7, null]);
});

test('the commands for what a trial may leave behind name the stack and the restored table', () => {
	const commands = removalOf('LeaseholdTrial-1');
	expect(commands).toContain('aws cloudformation delete-stack --stack-name LeaseholdTrial-1\n');
	expect(commands).toContain('aws dynamodb delete-table --table-name LeaseholdTrial-1-restored\n');
});

test('the configuration of a trial keeps no data and touches nothing that belongs to another deployment', () => {
	expect(
		trialConfiguration({
			issuers: [issuer],
			services: [],
			data: 'keep',
			publicUrl: 'https://api.example',
			alarmsTopicArn: 'arn:aws:sns:eu-west-1:1:alarms',
			domain: { name: 'api.example', certificateArn: 'arn:aws:acm:eu-west-1:1:certificate/1' },
			reservedConcurrency: { bus: 10 },
		}),
	).toEqual({
		issuers: [{ ...issuer, reusableTokens: true, maxTokenAgeSeconds: 86_400 }],
		services: [],
		data: 'delete',
	});
});

test('the configuration of a trial lets an ID token log in until the end', () => {
	const configured = trialConfiguration({
		issuers: [{ ...issuer, maxTokenAgeSeconds: 60, timeouts: { absoluteSeconds: 60 } }],
		timeouts: { level: 'aal1', idleSeconds: 60 },
		services: [{ name: 'billing', maxAuthenticationAgeSeconds: 60 }],
		quota: { max: 1, action: 'deny' },
		endingMaxAuthenticationAgeSeconds: 60,
	});
	expect(configured).toEqual({
		issuers: [{ ...issuer, reusableTokens: true, maxTokenAgeSeconds: 86_400 }],
		services: [{ name: 'billing' }],
		timeouts: 'aal1',
		data: 'delete',
	});
});

test('only the stack whose name was drawn is destroyed', async () => {
	const calls: (readonly string[])[] = [];
	const options = { emulator: false, configuration: exampleFile, service: 'a', idToken: 't', yes: true } as const;
	const tidied: string[] = [];
	const { stackName, destroy } = createAwsDeployment(
		options,
		{},
		stop,
		async (_, args) => {
			calls.push(args);
		},
		async (name) => {
			tidied.push(name);
		},
	);
	await destroy();
	expect(tidied).toEqual([stackName]);
	expect(stackName).toMatch(/^LeaseholdTrial-[0-9a-f]{12}$/);
	expect(calls).toHaveLength(1);
	expect(calls[0]?.[0]).toBe('destroy');
	expect(calls[0]).toContain(`leasehold:stackName=${stackName}`);
});

describe('the finding of the end-to-end tests', () => {
	const passed = { status: 'passed', fullName: 'it works' };
	const failed = { status: 'failed', fullName: 'it fails' };
	const skipped = { status: 'skipped', fullName: 'it kills' };

	test('counts the tests that were skipped', () => {
		const found = findingOf({ testResults: [{ status: 'passed', assertionResults: [passed, skipped, skipped] }] });
		expect(found.holds).toBe(true);
		expect(found.seen).toContain('1 passed, 0 failed, 2 skipped');
	});

	test('does not hold if no test passed', () => {
		expect(findingOf({ testResults: [{ status: 'passed', assertionResults: [skipped] }] }).holds).toBe(false);
	});

	test('does not hold if a test failed, and names it', () => {
		const found = findingOf({ testResults: [{ status: 'failed', assertionResults: [passed, failed] }] });
		expect(found.holds).toBe(false);
		expect(found.seen).toContain('failed: it fails');
	});

	test('does not hold if a file could not be loaded', () => {
		const loaded = { status: 'passed', assertionResults: [passed] };
		expect(findingOf({ testResults: [loaded, { status: 'failed', assertionResults: [] }] }).holds).toBe(false);
	});
});

test.each([
	[[], {}, '--service is missing'],
	[['--service', 'a'], {}, 'LEASEHOLD_ID_TOKEN is missing'],
	[
		['--service', 'a'],
		{ AWS_ENDPOINT_URL: 'http://localhost:4566' },
		'AWS_ENDPOINT_URL is set: unset it for AWS, or use --emulator for a MiniStack',
	],
	[
		['--service', 'a'],
		{ LEASEHOLD_ID_TOKEN: 't', AWS_ENDPOINT_URL_DYNAMODB: 'http://localhost:4566' },
		'AWS_ENDPOINT_URL_DYNAMODB is set: unset it for AWS, or use --emulator for a MiniStack',
	],
])('the arguments %j with the environment %j are refused with a reason', (args, environment, problem) => {
	expect(parseTrialOptions(args, environment)).toEqual({ kind: 'refuse', problem });
});

function stageOf(deploy: () => Promise<Trial>) {
	const stage = {
		destroyed: 0,
		deploy,
		destroy: async () => {
			stage.destroyed++;
		},
	};
	return stage;
}

function failedCall(failure: string) {
	return { callee: 'DynamoDB', operation: 'GetItem', failure };
}

function access(decision: { readonly expected: boolean; readonly allowed: boolean }) {
	return { access: 'bus, kms:Decrypt', ...decision };
}

function answer(status: number, headers: Record<string, string> = {}, body = {}): Answer {
	return { status, headers: new Headers(headers), body };
}

/** A deployment that keeps every promise, except for these answers. Its clock moves with `wait`. */
function trialOf(overrides: Partial<Trial> = {}, answers: Readonly<Record<string, Answer>> = {}): Trial {
	const live = new Set<string>();
	let nowMs = 0;
	let logins = 0;
	return {
		emulated: false,
		service: 'billing',
		call: async (method, path, token) => {
			if (answers[path] !== undefined) return answers[path];
			if (path === '/v1/session?confirm=everywhere' && method === 'DELETE' && token !== undefined) {
				live.delete(token);
				return answer(200, {}, { confirmed: true });
			}
			if (path !== '/v1/authorize?service=billing') return answer(404);
			if (token === undefined) return answers['anonymous'] ?? answer(401, { 'www-authenticate': 'Bearer' });
			return answers['authorize'] ?? answer(live.has(token) ? 204 : 401);
		},
		login: async () => {
			const token = `token-${logins++}`;
			live.add(token);
			return token;
		},
		wait: async (ms) => {
			nowMs += ms;
		},
		now: () => nowMs,
		beginRotation: async () => undefined,
		rotated: async () => true,
		endToEnd: async () => ({ holds: true, seen: 'passed' }),
		account: soundAccount,
		...overrides,
	};
}

const soundAccount: Account = {
	simulateAccess: async () => [{ access: 'bus, kms:Decrypt', expected: false, allowed: false }],
	failedCalls: async () => [],
	metrics: async () => ({ sessionServer: 3, bus: 2 }),
	beginRestore: async () => 'begun',
	restoredItems: async () => 7,
	replaceEnvironments: async () => undefined,
};
