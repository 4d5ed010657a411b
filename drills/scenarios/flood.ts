import { type BadTokens, createDrillKeys, type Flood, prepareBadTokens, prepareFloods } from '../load/floods.ts';
import { profileDecision } from '../load/probes.ts';
import { sendSteadily } from '../load/steady.ts';
import { quantile } from '../measures/quantile.ts';
import { type Stalls, watchStalls } from '../measures/stalls.ts';
import { atMost, type Promised, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Requests with each bad token, so that the medians differ by little. */
const timedRequests = 400;
/** A dead token may take this much of the time of a forged one. */
const deadToForgedMax = 1.2;

/** One client sends this in a flood. Most of it is beyond its limits and answered 429. */
const floodPerSecond = 100;
/** Each flood comes and goes, so that the machine's own ups and downs meet both alike. */
const roundsMin = 5;
/** On a busy machine, the slowest percent needs more answers. */
const roundsMax = 15;
const quietForMs = 400;
const floodForMs = 600;
/** Longer than a logout takes at every instance. */
const effectForMs = 150;
/**
 * A bystander's p99 may grow by a fifth, or by this much, which nobody notices. Here all functions
 * and services share one machine, so each request of the flood takes time from the bystanders.
 */
const growthMax = 0.2;
const growthMsMin = 25;
/** If this process stands still for so long, no answer of that time counts. */
const stallMs = 100;

/**
 * One client floods the instances with requests that are refused, limited or have no effect. A dead
 * token must cost as little as a forged one, and other clients must notice nothing.
 */
export function flood(): Promise<Report> {
	const keys = createDrillKeys();
	const stalls = watchStalls(stallMs);
	return onStage(
		{
			region: { sessionServerVariables: { LEASEHOLD_TOKEN_KEYS: keys.text } },
			// The bystanders. Their sessions are never changed, so every decision comes from memory.
			load: { clients: 3, pauseMs: 8, unchanged: Number.POSITIVE_INFINITY },
		},
		async (stage) => {
			const { clients, sessions } = stage;
			const [live] = sessions;
			if (live === undefined) throw new Error('the load needs a session');
			const badTokens = await prepareBadTokens(stage, keys, live);
			const floods = await prepareFloods(stage, badTokens);
			for (const target of await clients.instanceNames('session-server'))
				for (const { token } of [...sessions, ...Object.values(badTokens.dead)])
					await clients.ask({ token }, 'GET', profileDecision, { target });
			const promises = await timeBadTokens(stage, badTokens);
			for (const each of floods) promises.push(await besideFlood(stage, each, stalls));
			return stage.finish('flood', () => promises);
		},
	).finally(stalls.stop);
}

/** Compares the times of forged and dead tokens. Every instance knows the dead ones. */
async function timeBadTokens(stage: Stage, { forged, dead }: BadTokens): Promise<Promised[]> {
	const { clients } = stage;
	const timesMs = new Map<string, number[]>();
	const callsBefore = await busCalls(stage);
	for (let round = 0; round < timedRequests; round++)
		for (const [name, token] of Object.entries({ forged, ...dead })) {
			const { elapsedMs } = await clients.ask(token, 'GET', profileDecision);
			timesMs.set(name, [...(timesMs.get(name) ?? []), elapsedMs]);
		}
	const calls = (await busCalls(stage)) - callsBefore;
	const medianMs = (name: string) => quantile(timesMs.get(name) ?? [], 0.5);
	return [
		atMost('calls of the bus for tokens known to be dead', 0, calls),
		...Object.keys(dead).map((name) =>
			atMost(`time of a token that is ${name}`, deadToForgedMax, medianMs(name) / medianMs('forged'), ' forged ones'),
		),
	];
}

async function busCalls({ clients }: Stage): Promise<number> {
	const { lambda } = (await clients.control('GET', '/services')) as {
		readonly lambda: { readonly calls: Readonly<Record<string, number>> };
	};
	return Object.values(lambda.calls).reduce((sum, calls) => sum + calls, 0);
}

/**
 * The p99 of bystanders with the flood must be about what it is without. The slowest period without
 * the flood shows the noise of the machine, which decides nothing.
 */
async function besideFlood(stage: Stage, { name, send, begin }: Flood, stalls: Stalls): Promise<Promised> {
	const { load, wait } = stage;
	const [quiet, flooded]: [number[][], number[]] = [[], []];
	let latenciesMs: number[] | undefined;
	load.onAnswer = (answer, _session, kind) => {
		if (kind === 'bounded' && !stalls.met(answer)) latenciesMs?.push(answer.elapsedMs);
	};
	begin?.();
	await useUpBurst(send);
	let promised: Promised | undefined;
	for (let round = 0; round < roundsMax && (round < roundsMin || !promised?.ok); round++) {
		latenciesMs = [];
		quiet.push(latenciesMs);
		await wait(quietForMs);
		latenciesMs = undefined;
		await beginRound(send, begin);
		latenciesMs = flooded;
		await sendSteadily(send, { perSecond: floodPerSecond, forMs: floodForMs });
		latenciesMs = undefined;
		const quietMs = p99(quiet.flat());
		const slowestMs = Math.max(...quiet.map(p99));
		const bar = Math.ceil(Math.max((1 + growthMax) * quietMs, quietMs + growthMsMin, slowestMs));
		promised = atMost(`p99 of others beside ${name}`, bar, p99(flooded), ' ms');
	}
	load.onAnswer = undefined;
	if (promised === undefined) throw new Error('a flood needs at least one round');
	return promised;
}

/** The first requests of a round may have an effect once, as a logout. The flood comes after. */
async function beginRound(send: Flood['send'], begin: Flood['begin']): Promise<void> {
	if (begin === undefined) return;
	begin();
	await sendSteadily(send, { perSecond: floodPerSecond, forMs: effectForMs });
}

function p99(latenciesMs: readonly number[]): number {
	return quantile(latenciesMs, 0.99);
}

/**
 * Sends until the limits answer most requests, if there are limits for them. A client may do a lot
 * at once, and then only as much as its limits allow each second. The flood is what comes after.
 */
async function useUpBurst(send: Flood['send']): Promise<void> {
	let limited = 0;
	await sendSteadily(
		send,
		{ perSecond: 2 * floodPerSecond, forMs: burstMs, isEnough: () => limited > limitedEnough },
		({ status }) => {
			if (status === 429) limited++;
		},
	);
}

/** Long enough for the bursts of four instances. */
const burstMs = 3_000;
const limitedEnough = 20;
