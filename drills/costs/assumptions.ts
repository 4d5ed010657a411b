import { defaultSettings, type LineBytes, type Traffic, type Work } from './monthly-bill.ts';

/** Sizes as tests measure them, with names as a deployment has them. */
export const lineBytes: LineBytes = { access: 136, warm: 400, cold: 800, message: 1_400, publication: 590 };

/**
 * Times as a guess for Lambda on arm64: the local region takes less, and nobody has measured this
 * on AWS.
 */
export const work: Work = {
	warmMs: 4,
	coldMs: 60,
	busMs: 40,
	sessionServerGb: 0.5,
	busGb: 0.5,
	answerBytes: 600,
};

const secondsPerMonth = 2_628_000;

/** Twenty seconds of decisions from memory are published together. */
const publicationSeconds = 20;

/**
 * Few requests: an environment is asked every few seconds, so its lease has often expired, and each
 * request syncs and publishes. Three environments that stood still between requests, one every five
 * seconds, answered 21 of 40 requests from memory, read for 9, and adopted for 10.
 */
export const quietMonth = monthOf({
	authorizations: 1e6,
	read: 9 / 40,
	recover: 10 / 40,
	busyInstances: 1,
	everyRequest: true,
});

/** Ten environments that are never idle. 95 % are answered from memory, 5 % are read. */
export const busyMonth = monthOf({
	authorizations: 100e6,
	read: 0.05,
	recover: 0,
	busyInstances: 10,
	everyRequest: false,
});

function monthOf(month: {
	readonly authorizations: number;
	/** Share of the authorizations, as is `recover`. */
	readonly read: number;
	readonly recover: number;
	readonly busyInstances: number;
	/** Whether each request syncs and publishes. */
	readonly everyRequest: boolean;
}): Traffic {
	const { authorizations, busyInstances, everyRequest } = month;
	const logins = authorizations / 100;
	return {
		authorizations,
		messages: {
			create: logins,
			read: authorizations * month.read,
			recover: authorizations * month.recover,
			update: logins / 10,
			touch: logins,
			revoke: logins,
		},
		syncs: everyRequest ? authorizations : busyInstances * secondsPerMonth,
		publications: everyRequest ? authorizations : (busyInstances * secondsPerMonth) / publicationSeconds,
		metrics: 40,
		busyInstances,
		settings: defaultSettings,
	};
}
