import { type Calls, callsOf, leaseLook, type Message, renewalCalls, syncCalls } from './calls.ts';
import { prices } from './prices.ts';

/** A month of a deployment. */
export interface Traffic {
	/** Answers of `GET /v1/authorize`. */
	readonly authorizations: number;
	/**
	 * Messages to the bus. `read` and `lend` are for authorizations without a copy. No client waits
	 * for `recover`.
	 */
	readonly messages: Readonly<Record<Message, number>>;
	/** Syncs of all session servers. */
	readonly syncs: number;
	/** How many of them also renewed a lease. */
	readonly renewals: number;
	/** Authorizations from memory that waited for a sync. Each of them is logged. */
	readonly syncWaits: number;
	/** How often session servers published metrics. */
	readonly publications: number;
	/** Custom metrics that have values, counted with each combination of their dimensions. */
	readonly metrics: number;
	/** Session servers that are never idle. Each reads the token keys again and again. */
	readonly busyInstances: number;
	readonly settings: ObservabilitySettings;
}

/** The settings that a bill depends on. */
export interface ObservabilitySettings {
	readonly tracing: boolean;
	readonly detailedMetrics: boolean;
	/** Warm decisions that are logged, in a month. */
	readonly warmLines: number;
}

/** By default: no traces, no metrics for each route, no lines of warm decisions. */
export const defaultSettings: ObservabilitySettings = { tracing: false, detailedMetrics: false, warmLines: 0 };

/** Bytes of lines in the log, with the 26 that CloudWatch adds to each event. */
export interface LineBytes {
	readonly access: number;
	/** A decision from memory. */
	readonly warm: number;
	/** A request that waited for the bus. */
	readonly cold: number;
	/** A message, in the log of the bus, with the metrics that it publishes. */
	readonly message: number;
	/** The metrics that one session server publishes at once. */
	readonly publication: number;
}

/** The times of functions, and the sizes of their answers. */
export interface Work {
	/** Billed milliseconds of a session server for a decision from memory. */
	readonly warmMs: number;
	/** Billed milliseconds of a session server for a decision from memory that waits for a sync. */
	readonly syncMs: number;
	/** Billed milliseconds of a session server for a request that waits for the bus. */
	readonly coldMs: number;
	/** Billed milliseconds of the bus for a message. */
	readonly busMs: number;
	readonly sessionServerGb: number;
	readonly busGb: number;
	/** Bytes of an answer, with its headers. */
	readonly answerBytes: number;
}

/** Dollars a month. */
export interface Bill {
	readonly api: number;
	readonly transfer: number;
	readonly lambda: number;
	readonly stores: number;
	readonly keys: number;
	readonly logs: number;
	readonly metrics: number;
	readonly traces: number;
}

const million = 1e6;
const secondsPerMonth = 2_628_000;
const gb = 1e9;

/** Each read of the token keys is one call of Secrets Manager and one of KMS. */
const keyReadsPerInstance = secondsPerMonth / 150;

/** X-Ray records the first request of each second, and one in twenty of the others. */
const traceShare = 0.05;

/** Routes in use, each with six metrics of API Gateway. */
const routeMetrics = 6 * 6;

export function billOf(traffic: Traffic, bytes: LineBytes, work: Work): Bill {
	const { authorizations, messages, syncs, renewals, syncWaits, publications, busyInstances, settings } = traffic;
	const { read, lend, create, update, revoke } = messages;
	const sent = Object.values(messages).reduce((sum, count) => sum + count, 0);
	const requests = authorizations + create + update + revoke;
	const cold = read + lend + create + update + revoke;
	const warm = requests - cold - syncWaits;
	const calls = [
		...Object.entries(callsOf).map(([message, each]) => times(each, messages[message as Message])),
		times(leaseLook, read + lend),
		times(syncCalls, syncs),
		times(renewalCalls, renewals),
	];
	const sessionServerMs = warm * work.warmMs + syncWaits * work.syncMs + cold * work.coldMs;
	const gbSeconds = (sessionServerMs * work.sessionServerGb + sent * work.busMs * work.busGb) / 1_000;
	const logBytes =
		requests * bytes.access +
		(settings.warmLines + syncWaits) * bytes.warm +
		cold * bytes.cold +
		sent * bytes.message +
		publications * bytes.publication;
	const traced = Math.min(requests, secondsPerMonth) + traceShare * Math.max(0, requests - secondsPerMonth);
	return {
		api: (requests / million) * prices.apiPerMillion,
		transfer: ((requests * work.answerBytes) / gb) * prices.transferPerGb,
		lambda: ((requests + sent) / million) * prices.invocationsPerMillion + gbSeconds * prices.gbSecond,
		stores: calls.reduce((sum, each) => sum + storeCost(each), 0),
		keys: ((busyInstances * keyReadsPerInstance) / 10_000) * (prices.secretCallsPer10000 + prices.keyCallsPer10000),
		logs: (logBytes / gb) * prices.logsPerGb,
		metrics: (traffic.metrics + (settings.detailedMetrics ? routeMetrics : 0)) * prices.metric,
		traces: settings.tracing ? (traced / million) * prices.tracesPerMillion : 0,
	};
}

function times({ reads, writes, gets, puts }: Calls, count: number): Calls {
	return { reads: reads * count, writes: writes * count, gets: gets * count, puts: puts * count };
}

function storeCost({ reads, writes, gets, puts }: Calls): number {
	const dynamoDb = reads * prices.dynamoDbReadsPerMillion + writes * prices.dynamoDbWritesPerMillion;
	return (dynamoDb + gets * prices.s3GetsPerMillion + puts * prices.s3PutsPerMillion) / million;
}

export function sumOf(bill: Bill): number {
	return Object.values(bill).reduce((sum, part) => sum + part, 0);
}

/**
 * Dollars that a million decisions from memory add for logs, with the default settings.
 *
 * @param decisions from memory in one publication of metrics: those of twenty seconds
 */
export function observabilityPerMillionWarm(bytes: LineBytes, decisions: number): number {
	return (((bytes.access + bytes.publication / decisions) * million) / gb) * prices.logsPerGb;
}
