import { createHttpClient } from '../../drills/load/http-client.ts';
import { targetHeader } from '../../local/gateway/event.ts';
import { allowedStatus, type Contender, latencies, redisLatencyMs } from '../contenders/contender.ts';
import { type ContenderName, contenderNames, programs } from '../contenders/programs.ts';
import { withContenders } from '../contenders/with-contenders.ts';
import { type Loop, type LoopRequest, loopPath } from '../peers/measurable.ts';
import { figuresOf } from '../results/result.ts';
import { inRounds, type Measured } from '../statistics/rounds.ts';
import type { Benchmark } from './benchmark.ts';

const sizes = {
	small: { rounds: 3, firsts: 5, sessions: 20, calls: 600, msMax: 600 },
	full: { rounds: 9, firsts: 30, sessions: 200, calls: 20_000, msMax: 2_500 },
} as const;

/** Instances of the others do not know each other's sessions. */
const shared = contenderNames.filter((name) => programs[name].isShared);

/** One instance, and events of sessions that it knows. */
interface Prepared {
	readonly target: string;
	readonly events: readonly string[];
}

export interface HandlerSettings {
	readonly sessions: number;
	/** The most calls in a round. */
	readonly calls: number;
	/** The longest round. */
	readonly msMax: number;
}

/** From the event to the answer, in the process and from the bundle that a deployment has. */
export const request: Benchmark = {
	what: 'the handler in its own process, from event to answer',
	contenders: contenderNames,
	async run({ size, report }) {
		const { rounds, firsts, ...settings } = sizes[size];
		const figures = await withContenders(contenderNames, { instances: 2, ...standard, report }, async (contenders) => {
			const handlers = await prepareHandlers(contenders, settings);
			report('measuring the handlers');
			const known = await inRounds(contenderNames, rounds, (name) => handlers.measure(name));
			report('measuring the first request of each session at an instance');
			const first = await inRounds(shared, rounds, (name) => measureFirst(of(contenders, name), firsts));
			return [
				...figuresOf('client known to the instance', handlerUnits, known),
				...figuresOf('first request of a client at the instance', handlerUnits, first),
			];
		});
		return { settings: { ...latencies, redis: redisLatencyMs, ...settings }, figures };
	},
};

/** As deployed by default: no header with evidence. */
export const standard = { sessionServerVariables: { LEASEHOLD_EVIDENCE_HEADER: 'false' } } as const;

export const handlerUnits = { p50: 'µs', p99: 'µs', processor: 'µs' } as const;

/**
 * Logs sessions in, and calls each handler until its code is compiled.
 *
 * @throws later, from `measure`, if a handler refuses a session
 */
export async function prepareHandlers(
	contenders: ReadonlyMap<ContenderName, Contender>,
	{ sessions, calls, msMax }: HandlerSettings,
): Promise<{ measure(name: ContenderName): Promise<Measured> }> {
	const prepared = new Map<ContenderName, Prepared>();
	for (const [name, contender] of contenders) {
		const [target = ''] = await contender.instances();
		// One after the other: a request waits for its instance only for a while.
		const events: string[] = [];
		for (let user = 0; user < sessions; user++)
			events.push(contender.decisionEvent(await contender.login(`user-${user}`, target)));
		prepared.set(name, { target, events });
	}
	async function measure(name: ContenderName): Promise<Measured> {
		const { target, events } = of(prepared, name);
		return loop(of(contenders, name), { events, calls, msMax }, target);
	}
	for (const name of contenders.keys()) await measure(name);
	return { measure };
}

/** Logs new sessions in at one instance, and asks for each of them once at another one. */
async function measureFirst(contender: Contender, sessions: number): Promise<Measured> {
	const [one, other] = await contender.instances();
	const events: string[] = [];
	for (let user = 0; user < sessions; user++)
		events.push(contender.decisionEvent(await contender.login(`new-user-${user}`, one)));
	return loop(contender, { events, calls: sessions, msMax: 60_000 }, other);
}

function of<Value>(values: ReadonlyMap<ContenderName, Value>, name: ContenderName): Value {
	const value = values.get(name);
	if (value === undefined) throw new Error(`${name} was not started.`);
	return value;
}

/** @throws if the handler did not allow every call */
async function loop({ name, region }: Contender, body: LoopRequest, target?: string): Promise<Measured> {
	const { send, close } = createHttpClient();
	try {
		const headers = { 'content-type': 'application/json', ...(target === undefined ? {} : { [targetHeader]: target }) };
		const answer = await send('POST', region.url + loopPath, { body, headers });
		if (answer.status !== 200) throw new Error(`A loop of ${name} was answered ${answer.status}: ${answer.body}`);
		const { calls, cpuUs, p50Us, p99Us, statuses } = JSON.parse(answer.body) as Loop;
		if (statuses[allowedStatus] !== calls) throw new Error(`${name} answered ${JSON.stringify(statuses)}.`);
		return { p50: p50Us, p99: p99Us, processor: cpuUs };
	} finally {
		close();
	}
}
