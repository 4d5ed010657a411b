import { publishRoutineAfterMs } from '../../functions/system/metrics.ts';
import { defaultSettings, type LineBytes, type Traffic, type Work } from './monthly-bill.ts';

/** Sizes as tests measure them, with names as a deployment has them. */
export const lineBytes: LineBytes = { access: 136, warm: 400, cold: 800, message: 1_400, publication: 590 };

/**
 * Times as a guess for Lambda on arm64: the local region takes less, and nobody has measured this
 * on AWS.
 */
export const work: Work = {
	warmMs: 4,
	syncMs: 20,
	coldMs: 60,
	busMs: 40,
	sessionServerGb: 0.5,
	busGb: 0.5,
	answerBytes: 600,
};

const secondsPerMonth = 2_628_000;

/** Decisions from memory of so many seconds are published together, if there is nothing else. */
export const publicationSeconds = publishRoutineAfterMs / 1_000;

/**
 * Few requests: an environment is asked every few seconds, so each request syncs, renews the lease
 * and publishes. The drill `quiet` has 92 % from memory in such a deployment. The others adopt.
 */
export const quietMonth = monthOf({
	authorizations: 1e6,
	read: 0,
	adopted: 0.08,
	busyInstances: 1,
	everyRequest: true,
});

/** Ten environments that are never idle. 95 % are answered from memory, 5 % are read. */
export const busyMonth = monthOf({
	authorizations: 100e6,
	read: 0.05,
	adopted: 0,
	busyInstances: 10,
	everyRequest: false,
});

function monthOf(month: {
	readonly authorizations: number;
	/** Share of the authorizations, as is `adopted`. */
	readonly read: number;
	readonly adopted: number;
	readonly busyInstances: number;
	/** Whether each request waits for a sync, renews the lease and publishes. */
	readonly everyRequest: boolean;
}): Traffic {
	const { authorizations, busyInstances, everyRequest } = month;
	const logins = authorizations / 100;
	const messages = {
		create: logins,
		read: authorizations * month.read,
		lend: authorizations * month.adopted,
		recover: authorizations * month.adopted,
		update: logins / 10,
		touch: logins,
		revoke: logins,
	};
	const { touch: _touch, recover: _recover, ...waitedFor } = messages;
	// Each request that waits for the bus is published within a second, with what was gathered.
	const others = Object.values(waitedFor).reduce((sum, count) => sum + count, 0);
	const syncs = everyRequest ? authorizations : busyInstances * secondsPerMonth;
	return {
		authorizations,
		messages,
		syncs,
		renewals: everyRequest ? syncs : syncs / 4,
		syncWaits: everyRequest ? authorizations * (1 - month.read - month.adopted) : 0,
		publications: everyRequest ? authorizations : (busyInstances * secondsPerMonth) / publicationSeconds + others,
		metrics: 40,
		busyInstances,
		settings: defaultSettings,
	};
}
