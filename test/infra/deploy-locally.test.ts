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
	const api = 'http://abc.execute-api.localhost:4566';
	const functionUrl = 'http://def.lambda-url.us-east-1.localhost:4566/';

	test('is the HTTP API, if the endpoint has HTTP APIs', () => {
		expect(deployedAddress({ Url: api, FunctionUrl: functionUrl })).toEqual({ kind: 'api', url: api });
	});

	test.each([['unknown'], ['']])('is the function URL without its slash, if the output Url is "%s"', (Url) => {
		expect(deployedAddress({ Url, FunctionUrl: functionUrl })).toEqual({
			kind: 'function-url',
			url: 'http://def.lambda-url.us-east-1.localhost:4566',
		});
	});

	test.each([
		[{ Url: 'unknown', FunctionUrl: 'unknown' }, 'its output Url is "unknown", and FunctionUrl is "unknown"'],
		[{ Url: 'javascript:alert(1)' }, 'its output Url is "javascript:alert(1)", and FunctionUrl is "undefined"'],
		[
			{ Url: 'unknown', FunctionUrl: 'https://def.lambda-url.us-east-1.on.aws/' },
			'FunctionUrl is "https://def.lambda-url.us-east-1.on.aws/"',
		],
	])('of outputs that lead nowhere on this machine (%j) is a problem that says what to do', (outputs, said) => {
		const address = deployedAddress(outputs);
		expect(address).toEqual({ kind: 'none', problem: expect.stringContaining(said) });
		expect(address).toMatchObject({ problem: expect.stringContaining('npm run destroy:local') });
	});
});
