import { everySession } from '../../functions/control-table/markers.ts';
import { merge } from '../../functions/session/merge.ts';
import type { Session, SessionId } from '../../functions/session/session.ts';
import { isWhole, stubOf } from '../../functions/session/stub.ts';
import { exampleProof } from '../support/example-session.ts';
import { examine } from './checks/exam.ts';
import { type AttributeName, attributeNames, outdatedBy, type SessionHistory, shownValue } from './checks/history.ts';
import { createJudge } from './checks/judge.ts';
import type { Invariant } from './checks/observer.ts';
import { createSubjects, type Subjects } from './checks/subjects.ts';
import { createWitness, type Witness } from './checks/witness.ts';
import { createRandom, type Random } from './engine/random.ts';
import { createSchedule, epochMs, type Schedule } from './engine/schedule.ts';
import { createForger } from './faults/forger.ts';
import type { FaultKind } from './faults/kinds.ts';
import { type Fault, planFaults, steadySpreadMs } from './faults/plan.ts';
import { strike } from './faults/strike.ts';
import { type Clients, createClients } from './world/clients.ts';
import { type Cluster, createCluster } from './world/cluster.ts';
import { createIntruder, type Intruder } from './world/intruder.ts';
import { quotaOf, timeouts, timeoutsOf } from './world/settings.ts';

/** The input of a run. Everything else follows from the seed. */
export interface RunOptions {
	readonly seed: number;
	/** The least number of client operations. */
	readonly operations?: number;
	/** The kinds of fault to leave out, for a failure that was minimised. */
	readonly without?: readonly FaultKind[];
	/** Sends messages and answers as JSON, which takes twice as long. */
	readonly overWire?: boolean;
	/** Every third message or answer is from the next release. Takes effect over the wire. */
	readonly neighbours?: boolean;
	/** Keeps a transcript. */
	readonly transcript?: boolean;
}

export interface RunResult {
	readonly seed: number;
	readonly violations: readonly { readonly invariant: Invariant; readonly what: string; readonly at: number }[];
	readonly operations: number;
	readonly answered: number;
	readonly faults: readonly Fault[];
	readonly transcript: readonly string[];
}

export const operationsDefault = 200;
const logins = 25;
/** Sessions that are used at the last moment. */
const brinks = 2;
const meanFaults = 5;
/** As many messages as the intruder sends in a run. */
const intrusions = 20;
/** A crowd of logins cannot exceed a quota of this size or more. */
const crowdsFrom = 10;
const workMs = 50_000;
/** The most operations of one visit. */
const visitMax = 12;
const topUpEveryMs = 100;
/**
 * The part of the operations that is planned as visits. The others are logins, and operations that
 * follow faults and logouts.
 */
const visitedPart = 0.6;
/** The part of the operations that may have begun ahead of their time. */
const aheadPart = 0.1;
/** One seed in this many has clocks that are off by more than the skew margin (I12). */
const wildClocksEvery = 5;

/**
 * One deterministic run: the production code under load and faults, then calm, then the last
 * checks.
 */
export async function run(options: RunOptions): Promise<RunResult> {
	// Capturing the stacks of calls that fail on purpose would take a tenth of the time.
	const { stackTraceLimit } = Error;
	Error.stackTraceLimit = 0;
	try {
		return await play(options);
	} finally {
		Error.stackTraceLimit = stackTraceLimit;
	}
}

async function play(options: RunOptions): Promise<RunResult> {
	const { seed, operations = operationsDefault } = options;
	const random = createRandom(seed);
	const schedule = createSchedule();
	const violations: { invariant: Invariant; what: string; at: number }[] = [];
	const transcript: string[] = [];
	const write = (line: string) => transcript.push(`${(schedule.now() / 1_000).toFixed(3).padStart(8)} s  ${line}`);
	const witness = createWitness(
		{
			trace: options.transcript ? (line) => void write(line()) : undefined,
			violated: (invariant, what) => {
				violations.push({ invariant, what, at: schedule.now() });
				if (options.transcript) write(`!!! ${invariant}: ${what}`);
			},
		},
		schedule.now,
	);
	const clocksAgree = seed % wildClocksEvery !== 0;
	const clockRandom = random.fork();
	const clocks = clocksAgree ? (seed % 2 === 0 ? 'steady' : 'stepping') : 'wild';
	const spreadMs = clocksAgree ? steadySpreadMs : 8_000;
	const cluster = createCluster(schedule, random.fork(), witness, {
		servers: 3 + (seed % 2),
		buses: 2,
		quota: quotaOf(seed),
		timeouts: timeoutsOf(seed),
		carries: true,
		overWire: options.overWire === true,
		neighbours: options.neighbours === true,
		clockOffsetMs: () => (clockRandom.unit() - 0.5) * spreadMs,
		fits: hasLargeSessions(seed) ? isSmall : () => true,
		forger: hasForger(seed) ? forgerOf(seed, schedule, witness) : undefined,
	});
	const judge = createJudge(witness, timeoutsOf(seed), clocks, cluster.network.isCalmSince);
	const subjects = createSubjects(cluster, witness, schedule.now, clocksAgree);
	const clients = createClients(schedule, random.fork(), cluster, judge, subjects, witness);
	const planned = planFaults(random.fork(), meanFaults, workMs, clocks);
	const faults = planned.filter(({ kind }) => !options.without?.includes(kind));
	const stage = { cluster, clients, schedule, trace: witness.trace };
	for (const fault of faults) schedule.at(fault.at, () => strike(fault, stage));
	work(schedule, random.fork(), clients, operations);
	if (cluster.quota.max < crowdsFrom) crowd(schedule, random.fork(), clients);
	if (hasIntruder(seed)) {
		const intruder = createIntruder(
			schedule,
			random.fork(),
			cluster.intruderInvokesBus,
			clients.sessions,
			witness,
			cluster.wasMoved,
		);
		intrude(schedule, random.fork(), intruder);
	}
	await schedule.run(() => violations.length > 0 || schedule.now() > workMs + calmMs);
	if (violations.length === 0) await askLast(schedule, cluster, clients, subjects, witness);
	if (violations.length === 0 && clocksAgree && isExamined(seed)) {
		// A fault may last for longer than the calm, and restarts a server at its end.
		await schedule.run(() => cluster.network.isCalmSince(schedule.now() - restMs));
		await examine(cluster, schedule, witness);
	}
	return { seed, violations, operations: clients.begun(), answered: clients.answered(), faults, transcript };
}

/**
 * Faults outlast the work for some time. When this is over, everything that can recover has
 * recovered.
 */
const calmMs = 45_000;

/** A server that has started has its lease and knows of all changes by then. */
const restMs = 5_000;

/** One seed in three, because it takes a fifth of the time of a run. It takes a whole idle life. */
function isExamined(seed: number): boolean {
	return seed % 3 === 1 && timeoutsOf(seed) === timeouts;
}

/** One seed in three, whatever its clocks are. */
function hasLargeSessions(seed: number): boolean {
	return Math.floor(seed / 2) % 3 === 0;
}

/**
 * One seed in four. Of a large session, one repository has a stub only, so the other one cannot
 * cover for it. The forger has its own random numbers.
 */
function hasForger(seed: number): boolean {
	return Math.floor(seed / 3) % 4 === 0 && !hasLargeSessions(seed);
}

function forgerOf(seed: number, schedule: Schedule, { trace, truth }: Witness) {
	return createForger(createRandom(~seed), schedule, workMs, trace, truth.storedSince);
}

/** Two changes in three make a session too large for DynamoDB; the third makes it small again. */
function isSmall({ attributes }: Session): boolean {
	const draft = attributes['draft'];
	return draft === undefined || 'deleted' in draft || Number(String(draft.value).slice(1)) % 3 === 0;
}

function work(schedule: Schedule, random: Random, clients: Clients, operations: number): void {
	for (let session = 0; session < logins; session++)
		schedule.at(random.unit() * (session < 12 ? 300 : 0.8 * workMs), () => clients.logIn());
	for (let session = 0; session < brinks; session++)
		schedule.at(random.unit() * (workMs - timeouts.idleMs), clients.brink);
	const visitSize = () => random.between(1, visitMax);
	// Answers lead to further operations. If those run ahead of the plan, visits are left out.
	const isBehind = () => clients.begun() < operations * Math.min(1, aheadPart + schedule.now() / workMs);
	for (let planned = 0; planned < operations * visitedPart; ) {
		const visit = visitSize();
		planned += visit;
		schedule.at(400 + random.unit() * workMs, () => isBehind() && clients.visit(visit));
	}
	// Makes up for operations that are missing at the end.
	const topUp = () => {
		if (clients.begun() >= operations) return;
		clients.visit(1);
		schedule.at(topUpEveryMs, topUp);
	};
	schedule.at(workMs + 2_000, topUp);
}

/** One seed in four. */
function hasIntruder(seed: number): boolean {
	return seed % 4 === 2;
}

function intrude(schedule: Schedule, random: Random, intruder: Intruder): void {
	for (let message = 0; message < intrusions; message++) schedule.at(3_000 + random.unit() * workMs, intruder.intrude);
}

/** Logins that come one by one seldom meet the quota at the same moment. */
function crowd(schedule: Schedule, random: Random, clients: Clients): void {
	for (let crowds = 0; crowds < 4; crowds++) schedule.at(random.unit() * 0.8 * workMs, clients.crowd);
}

/**
 * Stops all faults and lets the repairs drain. Then both repositories must agree, and every session
 * that nobody ended must still be there.
 */
async function askLast(
	schedule: Schedule,
	cluster: Cluster,
	clients: Clients,
	subjects: Subjects,
	witness: Witness,
): Promise<void> {
	calm(cluster);
	cluster.hurryRepairs();
	notice(schedule, cluster, clients);
	await drain(schedule, cluster, witness);
	await checkMarkers(schedule, cluster, witness);
	for (const history of clients.sessions) checkRecords(history, witness);
	subjects.drained(clients.sessions);
}

/** Each bus reads a session, so that it notices if a repository was set back at last. */
function notice(schedule: Schedule, cluster: Cluster, { sessions }: Clients): void {
	const [any] = sessions;
	if (any === undefined) return;
	for (const ms of [100, 12_000]) schedule.at(ms, () => readAtEachBus(cluster, any.id));
}

function readAtEachBus({ buses }: Cluster, sessionId: SessionId): void {
	for (const { node, instance } of buses)
		node.deliver(() => void instance({ operation: 'read', sessionId, ...exampleProof, demand: 'strict' }));
}

async function drain(schedule: Schedule, cluster: Cluster, witness: Witness): Promise<void> {
	const drainWithin = (ms: number) => {
		const drainedBy = schedule.now() + ms;
		return schedule.run(() => cluster.pendingRepairs() === 0 || schedule.now() > drainedBy);
	};
	await drainWithin(60_000);
	// A marker of every session that was written again during its sweep waits for the operator.
	if (cluster.pendingRepairs() > 0) cluster.queueSweep();
	await drainWithin(60_000);
	if (cluster.pendingRepairs() > 0) witness.violated('I6', `${cluster.pendingRepairs()} repairs never drained`);
}

/**
 * When all is repaired, no repository is in doubt. If a request arrived late or twice, a marker may
 * have been opened after its repair. The next read of the session queues another one.
 */
async function checkMarkers(schedule: Schedule, cluster: Cluster, witness: Witness): Promise<void> {
	for (let round = 0; round < healingRounds && cluster.openMarkers().length > 0; round++) {
		witness.trace?.(() => 'markers are left open');
		const openFor = cluster.openMarkers();
		schedule.at(healedAfterMs, () => {
			for (const { id } of openFor) readAtEachBus(cluster, id);
		});
		// No repair settles a late marker of every session. The operator sees it, and queues a sweep.
		if (openFor.some(({ id }) => id === everySession)) cluster.queueSweep();
		const readBy = schedule.now() + healedAfterMs + 1_000;
		await schedule.run(() => schedule.now() > readBy);
		await drain(schedule, cluster, witness);
	}
	for (const { id, missing } of cluster.openMarkers())
		witness.violated('I6', `the marker of ${id} in ${missing} is still open when everything is repaired`);
}

/** A read heals a marker that has been open for a minute. */
const healedAfterMs = 75_000;
const healingRounds = 3;

function calm(cluster: Cluster): void {
	const { network, servers, buses } = cluster;
	network.standDown();
	network.outages.clear();
	network.partitions.clear();
	Object.assign(network.conditions, { loss: 0, duplication: 0, slowness: 0 });
	for (const slot of [...servers, ...buses]) {
		if (slot.node.frozen) slot.node.thaw();
		if (!slot.node.alive) slot.restart();
	}
}

function checkRecords(history: SessionHistory, { truth, violated }: Witness): void {
	const { id } = history;
	const [inDynamoDb, inS3] = [truth.states('dynamodb', id).at(-1), truth.states('s3', id).at(-1)];
	if (inDynamoDb === undefined || inS3 === undefined) {
		violated('I2', `${id} is in ${inDynamoDb ? 'DynamoDB' : inS3 ? 'S3' : 'no repository'} alone`);
		return;
	}
	if (!isWhole(inS3)) violated('I2', `${id} is whole in no repository`);
	const acknowledged = truth.acknowledged(id);
	for (const [name, record] of [
		['DynamoDB', inDynamoDb],
		['S3', inS3],
	] as const)
		if (acknowledged !== undefined && merge(record, isWhole(record) ? acknowledged : stubOf(acknowledged)) !== record)
			violated('I6', `${name} lacks something of ${id} that was acknowledged`);
	// A session that has reached its age limit is over without a tombstone.
	const isOverByAge = epochMs + (history.loggedOutAt ?? 0) >= inDynamoDb.absoluteExpiresAtMs;
	if (history.loggedOutAt !== undefined && inDynamoDb.revocation === undefined && !isOverByAge)
		violated('I1', `the logout of ${id} was acknowledged and is nowhere`);
	if (history.logoutBegunAt === undefined && !history.mayBeEnded() && inDynamoDb.revocation !== undefined)
		violated('I2', `${id} is revoked, and nobody ended it`);
	const { revocation } = isWhole(inDynamoDb) ? inDynamoDb : inS3;
	if (revocation !== undefined) return;
	for (const name of attributeNames)
		checkWrites(history, name, shownValue(isWhole(inDynamoDb) ? inDynamoDb : inS3, name), violated);
}

/** The session must have the value of a change that no acknowledged change followed. */
function checkWrites(
	history: SessionHistory,
	name: AttributeName,
	value: string | undefined,
	violated: Witness['violated'],
): void {
	const lost = outdatedBy(history, name, value, Number.POSITIVE_INFINITY, 0);
	if (lost !== undefined)
		violated('I2', `${history.id} has ${name} ${value}; ${lost.value} was acknowledged later and is lost`);
}
