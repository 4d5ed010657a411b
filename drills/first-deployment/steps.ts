import { accountSteps, logDelayMs, slowAccountSteps } from './account-steps.ts';
import type { Finding, Step, Trial } from './step.ts';
import { authorize, ms, timed } from './timed.ts';

/** Enough for a p99 that is not the maximum. */
const warmRequests = 200;

/** Lambda closes idle connections after minutes. Environments live on for longer than this. */
const pauseMs = 6 * 60_000;

/** More than one connection may have died in each environment. */
const requestsAfterPause = 12;

/** Four steps of Lambda, each with a cold start, take seconds. */
const rotationMsMax = 180_000;
const rotationPollMs = 5_000;

/** In the order in which they are taken. The first sees functions that have never run. */
export const steps: readonly Step[] = [
	{ claim: 'The first login after the deployment succeeds.', check: firstLogin },
	{ claim: 'An unknown path is answered 404.', check: unknownPath },
	{
		claim: 'HTTP APIs pass `WWW-Authenticate` on.',
		notOnEmulators: 'the front of an emulator is not that of API Gateway',
		check: challenge,
	},
	{ claim: 'Warm decisions all succeed.', check: warm },
	{ claim: 'A logout with `confirm=everywhere` is confirmed.', check: confirmedLogout },
	{
		claim: 'Requests after a pause of six minutes succeed, and no call fails on a dead connection.',
		notOnEmulators: 'an emulator does not freeze its environments between requests',
		check: afterPause,
	},
	{
		claim: 'A rotation replaces the token keys, and older sessions stay valid.',
		notOnEmulators: 'MiniStack copies the secret without invoking the rotation function',
		check: rotation,
	},
	...accountSteps,
	{ claim: 'The end-to-end tests pass.', check: (trial) => trial.endToEnd() },
	...slowAccountSteps,
];

/** A 503 here can mean that IAM or KMS had not spread yet. */
async function firstLogin(trial: Trial): Promise<Finding> {
	const beganMs = trial.now();
	const token = await trial.login();
	const loginMs = trial.now() - beganMs;
	const { status } = await authorize(trial, token);
	return { holds: status === 204, seen: `login ${ms(loginMs)}, then status ${status}` };
}

async function unknownPath(trial: Trial): Promise<Finding> {
	const { status } = await trial.call('GET', '/first-deployment');
	return { holds: status === 404, seen: `status ${status}` };
}

async function challenge(trial: Trial): Promise<Finding> {
	const { status, headers } = await authorize(trial);
	const names = [...headers.keys()].filter((name) => name.includes('www-authenticate'));
	return {
		holds: status === 401 && headers.has('www-authenticate'),
		seen: `status ${status}, ${names.join(' and ') || 'no such header'}`,
	};
}

async function warm(trial: Trial): Promise<Finding> {
	return timed(trial, Array(warmRequests).fill(await trial.login()));
}

async function confirmedLogout(trial: Trial): Promise<Finding> {
	const token = await trial.login();
	const { status, body } = await trial.call('DELETE', '/v1/session?confirm=everywhere', token);
	const after = await authorize(trial, token);
	return {
		holds: status === 200 && body['confirmed'] === true && after.status === 401,
		seen: `status ${status}, confirmed ${body['confirmed']}, then status ${after.status}`,
	};
}

async function afterPause(trial: Trial): Promise<Finding> {
	const token = await trial.login();
	await trial.wait(pauseMs);
	const beganMs = trial.now();
	const found = await timed(trial, Array(requestsAfterPause).fill(token));
	await trial.wait(logDelayMs);
	const dead = (await trial.account.failedCalls(trial.now() - beganMs)).filter(({ failure }) =>
		['unreachable', 'timeout'].includes(failure),
	);
	return {
		holds: found.holds && dead.length === 0,
		seen: `${found.seen}; calls that failed on a connection: ${dead.length}`,
	};
}

async function rotation(trial: Trial): Promise<Finding> {
	const token = await trial.login();
	await trial.beginRotation();
	const endMs = trial.now() + rotationMsMax;
	while (!(await trial.rotated())) {
		if (trial.now() >= endMs) return { holds: false, seen: `not rotated within ${ms(rotationMsMax)}` };
		await trial.wait(rotationPollMs);
	}
	const { status } = await authorize(trial, token);
	return { holds: status === 204, seen: `rotated, then status ${status}` };
}
