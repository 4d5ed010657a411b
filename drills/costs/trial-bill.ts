import { lineBytes, work } from './assumptions.ts';
import { billOf, defaultSettings, sumOf } from './monthly-bill.ts';
import { prices } from './prices.ts';

const hoursPerMonth = 730;

/** A trial takes an hour and a half at most, and its stack stands a little longer. */
const trialHours = 2;

/** Session servers at once: the end-to-end tests and new environments add some. */
const instances = 4;

/** Messages of a trial, rounded up: its own steps and the end-to-end tests. */
const messages = { create: 200, read: 200, lend: 100, recover: 100, update: 100, touch: 100, revoke: 200 };
const authorizations = 1_000;

/** Keys, alarms and secret of the stack, and metrics, as `docs/operate/deploy.md` counts them. */
export const standing = { keys: 2, alarmMetrics: 32, secrets: 1, metrics: 40 };

/** Dollars for one run of `npm run first-deployment`, at list prices. */
export interface TrialBill {
	/** Requests, messages, logs and metrics. */
	readonly use: number;
	/** Keys, alarms and the secret, which AWS charges by the hour. */
	readonly standing: number;
	/** A restored table of less than a GB, as one GB. */
	readonly restore: number;
	/** The dashboard, as if AWS charged the whole month. */
	readonly dashboard: number;
}

export function trialBill(): TrialBill {
	const share = trialHours / hoursPerMonth;
	const seconds = trialHours * 3_600;
	const traffic = {
		authorizations,
		messages,
		syncs: instances * seconds,
		renewals: instances * seconds,
		syncWaits: authorizations,
		publications: instances * seconds,
		metrics: standing.metrics * share,
		busyInstances: instances * share,
		settings: defaultSettings,
	};
	const monthly =
		standing.keys * prices.customerKey + standing.alarmMetrics * prices.alarmMetric + standing.secrets * prices.secret;
	return {
		use: sumOf(billOf(traffic, lineBytes, work)),
		standing: monthly * share,
		restore: prices.restorePerGb,
		dashboard: prices.dashboard,
	};
}
