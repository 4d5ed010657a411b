import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { parseDeployOptions } from '../../infra/emulator/deploy-options.ts';
import { deployedAddress } from '../../infra/emulator/deployed-address.ts';
import { freePort } from '../../local/system/port.ts';

const issuer = 'http://127.0.0.1:8080';

describe('deploying to an endpoint', () => {
	test('the issuer is an option, and the endpoint is AWS_ENDPOINT_URL or the default of LocalStack', () => {
		expect(parseDeployOptions(['deploy', '--issuer', issuer], {})).toEqual({
			kind: 'run',
			action: 'deploy',
			endpoint: 'http://localhost:4566',
			issuer,
			audience: 'leasehold-local',
		});
		expect(parseDeployOptions(['destroy'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:4567' })).toEqual({
			kind: 'run',
			action: 'destroy',
			endpoint: 'http://127.0.0.1:4567',
		});
		expect(parseDeployOptions(['destroy', '--help'], {})).toEqual({ kind: 'help' });
	});

	test.each([
		[['deploy'], undefined, '--issuer is missing'],
		[['deploy', '--issuer', 'notaurl'], undefined, '--issuer must be an http or https URL, not "notaurl"'],
		[['deploy', '--issuer', issuer, 'x'], undefined, "Unexpected argument 'x'"],
		[['destroy', '--bogus'], undefined, "Unknown option '--bogus'"],
		[['destroy'], 'nonsense', 'AWS_ENDPOINT_URL must be an http or https URL, not "nonsense"'],
		[
			['destroy'],
			'https://s3.eu-west-1.amazonaws.com',
			'https://s3.eu-west-1.amazonaws.com is AWS itself: use npm run deploy, without AWS_ENDPOINT_URL',
		],
	])('the arguments %j with the endpoint %s are refused with a reason in one line', (args, endpoint, problem) => {
		expect(parseDeployOptions(args, { AWS_ENDPOINT_URL: endpoint })).toEqual({ kind: 'refuse', problem });
	});

	test.each([['deploy', '--issuer', issuer], ['destroy']])(
		'if nothing answers at the endpoint, the command (%s) says what to do in one line and exits with 1',
		async (...args) => {
			const endpoint = `http://127.0.0.1:${await freePort()}`;
			const program = fileURLToPath(new URL('../../infra/emulator/deploy-locally.ts', import.meta.url));
			const env = { ...process.env, AWS_ENDPOINT_URL: endpoint };
			await expect(promisify(execFile)(process.execPath, [program, ...args], { env })).rejects.toMatchObject({
				code: 1,
				stdout: '',
				stderr: `Nothing answers at ${endpoint}. Start an endpoint with "npm run ministack", or name another in AWS_ENDPOINT_URL.\n`,
			});
		},
	);
});

describe('the address of a deployment', () => {
	const endpoint = 'http://localhost:4566';
	const api = 'http://a1b2.execute-api.localhost:4566';
	const functionUrl = 'http://c3d4.lambda-url.us-east-1.localhost.localstack.cloud:4566/';

	test('is that of the HTTP API', () => {
		const address = deployedAddress({ Url: api, FunctionUrl: functionUrl }, endpoint);
		expect(address).toEqual({ kind: 'served', url: api, notice: undefined });
	});

	test('is that of the function URL if the endpoint has no HTTP APIs, and the user is told', () => {
		expect(deployedAddress({ Url: 'unknown', FunctionUrl: functionUrl }, endpoint)).toEqual({
			kind: 'served',
			url: 'http://c3d4.lambda-url.us-east-1.localhost.localstack.cloud:4566',
			notice: expect.stringContaining('function URL: without throttling'),
		});
	});

	test.each([
		[{ Url: 'unknown', FunctionUrl: 'unknown' }],
		[{ Url: 'ftp://localhost' }],
		[{}],
		[{ Url: 'unknown', FunctionUrl: 'https://c3d4.lambda-url.us-east-1.on.aws/' }],
	])('of %j is refused, with what to do', (outputs) => {
		const address = deployedAddress(outputs, endpoint);
		expect(address).toEqual({ kind: 'not served', problem: expect.stringContaining('"npm run destroy:local"') });
	});
});
