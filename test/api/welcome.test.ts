import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { welcome } from '../../local/cli/welcome.ts';
import { startRegion } from '../../local/region.ts';
import { checkAnswers } from '../support/api-contract/checked-api.ts';

test('the commands of the welcome show what they promise in a POSIX shell', async () => {
	const lease = { LEASEHOLD_LEASE_DURATION_MS: '2000', LEASEHOLD_MAX_STALENESS_MS: '500' };
	const { onAnswer, failIfUndocumented } = checkAnswers();
	const region = await startRegion({ instances: 4, sessionServerVariables: lease, busVariables: lease, onAnswer });
	onTestFinished(() => region.stop());
	const commands = welcome(region)
		.replace(/^.*into another shell:/s, '')
		.replace('sleep 12', 'sleep 3');
	const { stdout, stderr } = await promisify(execFile)('sh', ['-eu', '-c', commands]);
	expect(stderr).toBe('');
	failIfUndocumented();
	expect(stdout.split(/^== /m).slice(1)).toEqual(
		[
			/201 Created.*"token":/s,
			/"name":"session-server-4".*204 No Content.*"source":"failover"/s,
			/"attributes":\{\}.*"attributes":\{"theme":"dark"\}/s,
			/step_up_required.*204 No Content.*x-session-assurance: 2/s,
			/"current":false.*"ended":1/s,
			/"fault":"error".*"theme":"light".*"dynamodb":false.*"waiting":[1-9]/s,
			/"fault":"none".*"waiting":0.*"dynamodb":true/s,
			/204 No Content.*session_revoked/s,
		].map((shown) => expect.stringMatching(shown)),
	);
	// At its prompt, zsh does not accept comments, and an apostrophe in one would quote what follows.
	expect(commands).not.toMatch(/^\s*#|<<</m);
});

test('the welcome asks for a service that exists', () => {
	const places = {
		url: 'http://api',
		control: 'http://control',
		issuer: 'http://issuer',
		idToken: 'TOKEN',
		freezes: true,
	};
	const commands = welcome(places, ['orders']);
	expect(commands).toContain('$URL/v1/authorize?service=orders');
	expect(commands).not.toMatch(/billing|payments/);
});

test('the welcome says whether functions stand still between requests', () => {
	const places = { url: 'http://api', control: 'http://control', issuer: 'http://issuer', idToken: 'TOKEN' };
	expect(welcome({ ...places, freezes: true })).toMatch(/^Between requests, functions stand still .*--never-freeze/m);
	expect(welcome({ ...places, freezes: false })).toMatch(/^Functions run on between requests\./m);
});
