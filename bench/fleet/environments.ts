import { createRandom } from '../../local/system/random.ts';
import type { BenchSession } from '../contenders/contender.ts';
import { sdkCallMs, warmDecisionMs } from '../cost/assumptions.ts';
import { billedMs, type Counted, countedMessages } from '../cost/dollars.ts';
import { createVirtualRegion, type VirtualAnswer, type VirtualCalls } from '../production/virtual-region.ts';

/** One session for each person, over so many environments. */
export interface FleetShape {
	readonly environments: number;
	/** Requests a second to each environment. */
	readonly perSecondEach: number;
	/** The time between two requests of a session, on average, in seconds. */
	readonly everySeconds: number;
	/** How long a person stays, on average, in seconds. */
	readonly staySeconds: number;
	/** The part of the requests that change their session. */
	readonly changes: number;
	/** The part of the persons that log out when they leave. */
	readonly logouts: number;
	/** Seconds before anything is counted, and for which it is. */
	readonly warmUpSeconds: number;
	readonly seconds: number;
	/** Whether clients carry copies of their sessions. They do by default. */
	readonly carries?: boolean;
}

/** The decisions of a run, after its warm-up. */
export interface FleetRun {
	readonly decisions: readonly VirtualAnswer[];
	readonly counted: Counted;
}

/** Lets the product's code serve a fleet on virtual time. */
export async function runFleet(shape: FleetShape, seed: number): Promise<FleetRun> {
	const { environments, perSecondEach, everySeconds, staySeconds, changes, logouts, warmUpSeconds, seconds } = shape;
	const random = createRandom(seed);
	const exponential = (mean: number) => -Math.log(1 - random()) * mean;
	const region = createVirtualRegion(environments, random, shape.carries);
	const { time } = region;
	const endMs = (warmUpSeconds + seconds) * 1_000;
	const decisions: VirtualAnswer[] = [];
	let counting = false;
	let persons = 0;

	/** A place that one person after the other takes. */
	async function takePlace(): Promise<void> {
		await time.sleep(random() * everySeconds * 1_000);
		for (;;) {
			const session = await region.login(`person-${persons++}`);
			await stay(session, time.now() + exponential(staySeconds) * 1_000);
			if (random() < logouts) await region.logout(session);
		}
	}

	async function stay(session: BenchSession, untilMs: number): Promise<void> {
		for (let visit = 0; time.now() < untilMs; visit++) {
			await time.sleep(exponential(everySeconds) * 1_000);
			if (random() < changes) await region.change(session, `nickname-${visit}`);
			else {
				const answer = await region.decide(session);
				if (answer.status !== 204) throw new Error(`A decision was answered ${answer.status}: ${answer.body}`);
				if (counting) decisions.push(answer);
			}
		}
	}

	const problems: unknown[] = [];
	const places = Math.max(1, Math.round(environments * perSecondEach * everySeconds));
	for (let place = 0; place < places; place++) void takePlace().catch((error) => problems.push(error));
	await time.runUntil(warmUpSeconds * 1_000);
	const before = region.calls();
	counting = true;
	await time.runUntil(endMs);
	if (problems.length > 0) throw problems[0];
	return { decisions, counted: countedFleet(decisions, before, region.calls()) };
}

/** Operations of the control table that write. The others read. */
const controlWrites = new Set(['acquire', 'renew', 'seal', 'append']);
/** Messages that decisions cause. Logins, changes and logouts cost the same wherever they land. */
const messagesOfDecisions = ['read', 'lend', 'recover', 'touch'];

function countedFleet(decisions: readonly VirtualAnswer[], before: VirtualCalls, after: VirtualCalls): Counted {
	const more = (name: string, of: 'control' | 'messages') => (after[of][name] ?? 0) - (before[of][name] ?? 0);
	const names = Object.keys(after.control);
	const writes = names.filter((name) => controlWrites.has(name)).reduce((sum, name) => sum + more(name, 'control'), 0);
	const reads = names.filter((name) => !controlWrites.has(name)).reduce((sum, name) => sum + more(name, 'control'), 0);
	const all = Object.keys(after.messages).reduce((sum, name) => sum + more(name, 'messages'), 0);
	const messages = Object.fromEntries(messagesOfDecisions.map((name) => [name, more(name, 'messages')]));
	const ofDecisions = Object.values(messages).reduce((sum, count) => sum + count, 0);
	// Buses run for other messages also.
	const bus = countedMessages(messages, all === 0 ? 0 : ((after.busMs - before.busMs) * ofDecisions) / all);
	const servers = decisions.reduce(
		(sum, { tookMs, remoteCalls }) => sum + billedMs(tookMs, warmDecisionMs + remoteCalls * sdkCallMs),
		0,
	);
	return {
		...bus,
		decisions: decisions.length,
		reads: bus.reads + reads,
		writes: bus.writes + writes,
		billedMs: bus.billedMs + servers,
		commands: 0,
		storeHours: 0,
	};
}
