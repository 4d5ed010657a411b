import { quantile } from '../measures/quantile.ts';
import type { Finding, Step, Trial } from './step.ts';

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
		claim: 'Requests after a pause of six minutes succeed.',
		notOnEmulators: 'an emulator does not freeze its environments between requests',
		check: afterPause,
	},
	{
		claim: 'A rotation replaces the token keys, and older sessions stay valid.',
		notOnEmulators: 'MiniStack copies the secret without invoking the rotation function',
		check: rotation,
	},
	{ claim: 'The end-to-end tests pass.', check: (trial) => trial.endToEnd() },
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
	return timed(trial, await trial.login(), warmRequests);
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
	return timed(trial, token, requestsAfterPause);
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

/** Sends requests one after the other. The first is told apart, because it pays for a pause. */
async function timed(trial: Trial, token: string, requests: number): Promise<Finding> {
	const durationsMs: number[] = [];
	const others: number[] = [];
	for (let sent = 0; sent < requests; sent++) {
		const beganMs = trial.now();
		const { status } = await authorize(trial, token);
		durationsMs.push(trial.now() - beganMs);
		if (status !== 204) others.push(status);
	}
	const refused = others.length === 0 ? 'all with status 204' : `other statuses: ${others.join(', ')}`;
	return {
		holds: others.length === 0,
		seen: `${requests} requests, ${refused}; first ${ms(durationsMs[0] ?? 0)}, p50 ${ms(quantile(durationsMs, 0.5))}, p99 ${ms(quantile(durationsMs, 0.99))}`,
	};
}

function authorize(trial: Trial, token?: string) {
	return trial.call('GET', `/v1/authorize?service=${encodeURIComponent(trial.service)}`, token);
}

function ms(duration: number): string {
	return `${Math.round(duration)} ms`;
}
