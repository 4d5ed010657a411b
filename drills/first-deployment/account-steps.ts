import type { Finding, NotPossible, Step, Trial } from './step.ts';
import { authorize, findingOf, ms, timed } from './timed.ts';

/** CloudWatch shows a line of a log within seconds. */
export const logDelayMs = 20_000;

/** CloudWatch lists a new metric within 15 minutes. */
const metricsMsMax = 15 * 60_000;

/** A restore of a small table takes about ten minutes. */
const restoreMsMax = 20 * 60_000;
const pollMs = 30_000;

/** Each takes an update of a function, which takes seconds. */
const coldStarts = 10;
const failovers = 20;

/** More than a lease lasts, whatever its setting is. */
const leaseEndMs = 30_000;

const noAccount = 'an emulator does not keep logs, metrics, backups and environments as AWS does';

/** The steps that look into the account, in the order in which they are taken. */
export const accountSteps: readonly Step[] = [
	{ claim: 'No call to AWS was denied since the deployment.', notOnEmulators: noAccount, check: denied },
	{
		claim: 'IAM holds the roles to their leading keys, and to keys of KMS by way of a service.',
		notOnEmulators: 'MiniStack knows neither of these conditions',
		check: conditions,
	},
	{ claim: 'Decisions of new environments succeed.', notOnEmulators: noAccount, check: cold },
	{ claim: 'Sessions outlive the environments that own them.', notOnEmulators: noAccount, check: failover },
];

/** Steps that need no login. They may take longer than an ID token is valid. */
export const slowAccountSteps: readonly Step[] = [
	{ claim: 'The session table can be restored to a new one.', notOnEmulators: noAccount, check: restore },
	{ claim: 'CloudWatch extracts metrics from encrypted logs.', notOnEmulators: noAccount, check: metrics },
];

/** More than any trial lasts. */
const wholeTrialMs = 3 * 60 * 60_000;

/** Rights and keys spread for some seconds. Then calls are denied that are allowed later. */
async function denied(trial: Trial): Promise<Finding> {
	await trial.wait(logDelayMs);
	const calls = (await trial.account.failedCalls(wholeTrialMs)).filter(({ failure }) => failure === 'denied');
	const names = [...new Set(calls.map(({ callee, operation }) => `${callee} ${operation}`))];
	return { holds: calls.length === 0, seen: names.length === 0 ? 'no such line' : `denied: ${names.join(', ')}` };
}

async function conditions(trial: Trial): Promise<Finding> {
	const accesses = await trial.account.simulateAccess();
	const wrong = accesses.filter(({ expected, allowed }) => expected !== allowed);
	return {
		holds: accesses.length > 0 && wrong.length === 0,
		seen:
			wrong.length === 0
				? `${accesses.length} accesses simulated, all as expected`
				: wrong.map(({ access, allowed }) => `${access} is ${allowed ? 'allowed' : 'denied'}`).join('; '),
	};
}

async function cold(trial: Trial): Promise<Finding> {
	const token = await trial.login();
	const durationsMs: number[] = [];
	const others: number[] = [];
	for (let started = 0; started < coldStarts; started++) {
		await trial.account.replaceEnvironments();
		const beganMs = trial.now();
		const { status } = await authorize(trial, token);
		durationsMs.push(trial.now() - beganMs);
		if (status !== 204) others.push(status);
	}
	return findingOf(durationsMs, others);
}

/** Each session is decided once, so that each request is a failover. */
async function failover(trial: Trial): Promise<Finding> {
	const tokens: string[] = [];
	for (let begun = 0; begun < failovers; begun++) tokens.push(await trial.login());
	await trial.account.replaceEnvironments();
	await trial.wait(leaseEndMs);
	return timed(trial, tokens);
}

async function restore(trial: Trial): Promise<Finding | NotPossible> {
	if ((await trial.account.beginRestore()) === 'too-young')
		return { notPossible: 'the table is too young: there is no moment yet to which it can be restored' };
	const beganMs = trial.now();
	const items = await polled(trial, restoreMsMax, () => trial.account.restoredItems());
	if (items === undefined) return { notPossible: `not restored within ${ms(restoreMsMax)}` };
	return { holds: items > 0, seen: `${items} items after ${ms(trial.now() - beganMs)}` };
}

async function metrics(trial: Trial): Promise<Finding> {
	const seen = await polled(trial, metricsMsMax, async () => {
		const { sessionServer, bus } = await trial.account.metrics();
		return sessionServer > 0 && bus > 0 ? `${sessionServer} of the session server, ${bus} of the bus` : undefined;
	});
	return { holds: seen !== undefined, seen: seen ?? `not of both functions within ${ms(metricsMsMax)}` };
}

/** @returns nothing if `look` found nothing within the time */
async function polled<Found>(trial: Trial, msMax: number, look: () => Promise<Found | undefined>) {
	const endMs = trial.now() + msMax;
	for (;;) {
		const found = await look();
		if (found !== undefined || trial.now() >= endMs) return found;
		await trial.wait(pollMs);
	}
}
