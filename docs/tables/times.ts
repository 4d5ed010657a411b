import {
	feedOverlapMs,
	type Timing,
	type TimingVariables,
	timingDefaults,
} from '../../functions/control-table/timing.ts';
import { delaySecondsAfter, delaySecondsMax } from '../../functions/repair/deployment/retries.ts';
import {
	busTryMs,
	controlTableTryMs,
	proofWaitMs,
	s3TryMs,
	secretsManagerTryMs,
	sessionServerFunctionMs,
	sqsTryMs,
} from '../../functions/system/time-budget.ts';
import { code, count, duration, table } from './markdown.ts';
import { constant } from './source.ts';

interface Setting {
	readonly variable: keyof TimingVariables;
	readonly is: string;
	readonly must: string;
}

const settings: Readonly<Record<keyof Timing, Setting>> = {
	leaseDurationMs: {
		variable: 'LEASEHOLD_LEASE_DURATION_MS',
		is: 'a lease, from before it was asked for',
		must: 'be longer than the staleness bound',
	},
	skewMs: {
		variable: 'LEASEHOLD_SKEW_MS',
		is: 'by how much two clocks may differ',
		must: 'be true of the clocks ([A1](assumptions.md#a1-clocks))',
	},
	maxStalenessMs: {
		variable: 'LEASEHOLD_MAX_STALENESS_MS',
		is: 'the staleness bound',
		must: 'be shorter than the lease',
	},
	feedRetentionMs: {
		variable: 'LEASEHOLD_FEED_RETENTION_MS',
		is: 'how long feed entries are kept',
		must: 'be at least lease + overlap, and more than the age of carried copies + 3 × skew',
	},
	feedAppendMs: { variable: 'LEASEHOLD_FEED_APPEND_MS', is: 'the longest append that counts', must: '–' },
	copyAgeMs: { variable: 'LEASEHOLD_COPY_AGE_MS', is: 'the longest use of one copy', must: '–' },
	carriedAgeMs: {
		variable: 'LEASEHOLD_CARRIED_AGE_MS',
		is: 'the longest use of one copy that a client carries',
		must: '–',
	},
	touchIntervalMs: {
		variable: 'LEASEHOLD_TOUCH_INTERVAL_MS',
		is: 'how far reported activity may be behind; a twelfth of the idle life, if that is less',
		must: '–',
	},
};

/** The settings that all functions share. */
export function timesTable(): string {
	return table(
		['variable', 'default in ms', 'is', 'must'],
		(Object.keys(settings) as (keyof Timing)[]).map((name) => {
			const { variable, is, must } = settings[name];
			return [code(variable), count(timingDefaults[name]), is, must];
		}),
	);
}

/** Times that follow from the settings, and times that cannot be set. */
export function derivedTimesTable(): string {
	const { leaseDurationMs, skewMs, maxStalenessMs, feedRetentionMs } = timingDefaults;
	const overlapMs = feedOverlapMs(timingDefaults);
	return table(
		['time', 'default'],
		[
			['overlap of two reads of the feed: 2 × skew + append', duration(overlapMs)],
			['background sync: half of the bound', duration(maxStalenessMs / 2)],
			['renewal is due: a third of the lease', duration(leaseDurationMs / 3)],
			["from an owner's last renewal to its seal, at least: lease + skew", duration(leaseDurationMs + skewMs)],
			['longest gap between syncs that keeps copies: retention − overlap', duration(feedRetentionMs - overlapMs)],
			['pause after a failed sync', duration(constant('retrySyncAfterMs'))],
			['one request waits for the proof of a logout', duration(proofWaitMs)],
			["time of the session server's function", duration(sessionServerFunctionMs)],
			['a look at the markers is waited for, at most', duration(constant('lookWaitMs'))],
			['a check of the tallies counts for', duration(constant('tallyAgeMsMax'))],
			['a marker is open until a read queues another repair', duration(constant('leftOpenMs'))],
			['a repair is delivered after', duration(constant('repairDelayMs'))],
			['a repair is delivered again after', `${delaysOfRepairs()} s`],
		],
	);
}

function delaysOfRepairs(): string {
	return `${[1, 2, 3].map(delaySecondsAfter).join(', ')} … ${delaySecondsMax}`;
}

/** Time limits of one try of a call. */
export function callTimesTable(): string {
	const tries: readonly (readonly [string, number])[] = [
		['DynamoDB', controlTableTryMs],
		['S3', s3TryMs],
		['SQS', sqsTryMs],
		['Secrets Manager', secretsManagerTryMs],
		['the bus (Lambda)', busTryMs],
	];
	return table(
		['call to', 'one try'],
		tries.map(([service, ms]) => [service, duration(ms)]),
	);
}
