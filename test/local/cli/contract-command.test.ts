import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../local/system/listen.ts';

const main = fileURLToPath(new URL('../../engines/main.ts', import.meta.url));

/** Runs `npm run contract` with no AWS variables except those in `environment`. */
async function contract(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
	const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|LEASEHOLD|VITEST)/.test(name));
	const child = spawn(process.execPath, [main, ...args], {
		env: { ...Object.fromEntries(inherited), ...environment },
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	onTestFinished(() => void child.kill('SIGKILL'));
	const [stdout, [status]] = await Promise.all([text(child.stdout), once(child, 'close')]);
	return { stdout, status: status as number | null };
}

async function reports(args: readonly string[], environment?: NodeJS.ProcessEnv) {
	const { stdout, status } = await contract([...args, '--json'], environment);
	return { status, reports: JSON.parse(stdout) as readonly Record<string, unknown>[] };
}

const aws = { LEASEHOLD_CONTRACT_AWS_PREFIX: 'leasehold-test', AWS_REGION: 'eu-west-1', AWS_PROFILE: 'test' };

test.each([
	['endpoint', {}, 'AWS_ENDPOINT_URL is not set'],
	['endpoint', { AWS_ENDPOINT_URL: 'localhost' }, 'AWS_ENDPOINT_URL is not a URL: localhost'],
	['endpoint', { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }, 'nothing answers at AWS_ENDPOINT_URL, http://127.0.0.1:1'],
	['dynamodb-local', { PATH: '/nowhere' }, 'java -version: the command was not found'],
	['ministack', { PATH: '/nowhere' }, expect.stringMatching(/^python3 .*: the command was not found$/)],
	['moto', { PATH: '/nowhere' }, expect.stringMatching(/^python3 .*: the command was not found$/)],
	['localstack', { PATH: '/nowhere' }, 'java -version: the command was not found'],
	['aws', { AWS_ACCESS_KEY_ID: 'key' }, 'LEASEHOLD_CONTRACT_AWS_PREFIX is not set'],
	['aws', { ...aws, LEASEHOLD_CONTRACT_AWS_PREFIX: 'My_Tables' }, expect.stringContaining('must match')],
	['aws', { ...aws, AWS_REGION: '' }, 'AWS_REGION is not set'],
	['aws', { ...aws, AWS_PROFILE: '' }, expect.stringContaining('there are no credentials')],
	['aws', { ...aws, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' }, expect.stringContaining('AWS_ENDPOINT_URL_S3 is set')],
])(
	'without its requirements, %s is not run (%j), gives the reason, and fails the run only if it is required',
	async (engine, environment, reason) => {
		expect(await reports(['--only', engine], environment)).toEqual({
			status: 0,
			reports: [{ engine, ok: true, outcome: 'not run', reason }],
		});
		expect(await reports(['--only', engine, '--require', engine], environment)).toEqual({
			status: 1,
			reports: [{ engine, ok: false, outcome: 'not run', reason }],
		});
	},
);

test('an engine that breaks the contract fails the run, and every failed test is named', {
	timeout: 60_000,
}, async () => {
	const refusing = await listen(createServer((_request, response) => response.writeHead(400).end('{"__type":"No"}')));
	onTestFinished(() => refusing.close());
	const { status, reports: all } = await reports(['--only', 'endpoint'], { AWS_ENDPOINT_URL: refusing.url });
	expect(status).toBe(1);
	expect(all).toMatchObject([{ engine: 'endpoint', ok: false, outcome: 'run', passed: 0 }]);
	const failures = all[0]?.['failures'] as readonly string[];
	for (const failure of [
		'the DynamoDB repository > creates a session by a merge without a stored record: skipped',
		expect.stringMatching(/^the queue is reported as unreachable in every kind of outage: /),
		expect.stringMatching(/^test\/contract\/s3-repository.test.ts: /),
		expect.stringMatching(/^cleanup: resources whose names begin with contract-.* may be left: /),
	])
		expect(failures).toContainEqual(failure);
});

test('a wrong command line is refused with exit status 2', async () => {
	expect(await contract(['--only', 'nobody'])).toEqual({ status: 2, stdout: '' });
});
