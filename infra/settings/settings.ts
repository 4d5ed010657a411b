import { type Duration, Token } from 'aws-cdk-lib';
import { parseServiceCatalog, type ServiceRule, servicesByRoute } from '../../functions/access/service-catalog.ts';
import { type FeedVariables, layoutName, parseFeedLayout } from '../../functions/control-table/feed-layout.ts';
import { type TimingVariables, timingDefaults } from '../../functions/control-table/timing.ts';
import {
	type BrowserSettings,
	type BrowserVariables,
	parseBrowserSettings,
} from '../../functions/session-server/deployment/browser-settings.ts';
import {
	type DecidingVariables,
	parseSessionServerEnvironment,
	type SessionServerVariables,
} from '../../functions/session-server/deployment/environment.ts';
import {
	parseTimeoutOptions,
	type TimeoutOptionVariables,
} from '../../functions/session-server/deployment/timeout-options.ts';
import {
	type Timeouts,
	type TimeoutVariables,
	timeoutPresets,
} from '../../functions/session-server/deployment/timeouts.ts';
import { IssuerError } from '../../functions/session-server/deployment/trusted-issuers.ts';
import { VariableError } from '../../functions/system/environment.ts';
import { checkedVariables, variableBytes } from './environment-size.ts';
import { issuersFile } from './issuers-file.ts';
import { checkedRequestMs } from './request-time.ts';
import { SettingError } from './setting-error.ts';
import type { SettingsProps } from './settings-props.ts';

type SetTimes = 'LEASEHOLD_LEASE_DURATION_MS' | 'LEASEHOLD_MAX_STALENESS_MS';

type SettingVariables = Required<Pick<TimingVariables, SetTimes>> &
	Required<TimeoutVariables> &
	Pick<
		SessionServerVariables,
		| 'LEASEHOLD_ISSUER_VALUES'
		| 'LEASEHOLD_ISSUERS'
		| 'LEASEHOLD_TIMEOUTS'
		| 'LEASEHOLD_CLIENT_ATTRIBUTES'
		| 'LEASEHOLD_QUOTA_MAX'
		| 'LEASEHOLD_QUOTA_ACTION'
		| 'LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S'
		| 'LEASEHOLD_EVIDENCE_HEADER'
		| 'LEASEHOLD_FAILED_LOGINS_PER_SECOND'
		| 'LEASEHOLD_PUBLIC_URL'
	>;

type LimitVariables = Pick<DecidingVariables, 'LEASEHOLD_REQUESTS_PER_SECOND' | 'LEASEHOLD_WARM_LINES_PER_SECOND'>;

/** Settings that the functions accept. */
export interface Settings {
	/** The times that session servers and the bus must agree on. */
	readonly timing: TimingVariables;
	/** How the bus stores the feed. */
	readonly feed: FeedVariables;
	/** Limits of one client and of the log, for every function that decides about sessions. */
	readonly limits: LimitVariables;
	/** The longest that a session server may take for a request. */
	readonly requestMs: number;
	/** The limits of the level, which no session exceeds. */
	readonly timeouts: Timeouts;
	readonly services: readonly ServiceRule[];
	/** The content of `issuers.json`. */
	readonly issuersFile: string;
	/** The secrets of clients at issuers, which session servers read. */
	readonly clientSecretArns: readonly string[];
	/** Until when sessions without a signature are accepted, for every function that decides. */
	readonly unsigned: Pick<DecidingVariables, 'LEASEHOLD_UNSIGNED_UNTIL'>;
	/** How browsers may use the API, for every function that decides. */
	readonly browsers: BrowserVariables;
	readonly cookie: BrowserSettings['cookie'];
	/** The settings as variables of a session server. */
	readonly variables: SettingVariables;
}

/**
 * Checks settings with the functions' own checks, so that synthesis fails instead of the functions'
 * start.
 * @throws SettingError with what was received and what is needed.
 */
export function checkedSettings(props: SettingsProps): Settings {
	const { issuers, services, clientAttributes = [], quota, clientLimits = {} } = props;
	const { endingMaxAuthenticationAgeSeconds: ending, publicUrl } = props;
	const { limits: timeouts, variable } = timeoutsOf(props.timeouts);
	const timeoutOptions = explained(['timeouts'], () => parseTimeoutOptions({ ...variable }, timeouts));
	const leaseDurationMs = milliseconds('leaseDuration', props.leaseDuration, timingDefaults.leaseDurationMs);
	const maxStalenessMs = milliseconds('maxStaleness', props.maxStaleness, timingDefaults.maxStalenessMs);
	const requestMs = explained(['maxStaleness', 'leaseDuration'], () =>
		checkedRequestMs({ ...timingDefaults, leaseDurationMs, maxStalenessMs }),
	);
	explained(['services'], () => servicesByRoute(parseServiceCatalog(services)));
	const file = explained(['issuers'], () => issuersFile(issuers, { limits: timeouts, own: timeoutOptions }));
	const timing = {
		LEASEHOLD_LEASE_DURATION_MS: String(leaseDurationMs),
		LEASEHOLD_MAX_STALENESS_MS: String(maxStalenessMs),
	} satisfies TimingVariables;
	const feed = props.feed === undefined ? {} : { LEASEHOLD_FEED_LAYOUT: layoutName(props.feed) };
	explained(['feed'], () => parseFeedLayout(feed));
	const { requestsPerSecond, failedLoginsPerSecond } = clientLimits;
	const { warmLinesPerSecond: warmLines = 0 } = props;
	const limits = {
		...(warmLines === 0 ? {} : { LEASEHOLD_WARM_LINES_PER_SECOND: String(warmLines) }),
		...(requestsPerSecond === undefined ? {} : { LEASEHOLD_REQUESTS_PER_SECOND: String(requestsPerSecond) }),
	} satisfies LimitVariables;
	const { origins = [], cookie = {}, unsignedSessionsUntil } = props;
	const browsers = {
		...(origins.length === 0 ? {} : { LEASEHOLD_ORIGINS: JSON.stringify(origins) }),
		...(Object.keys(cookie).length === 0 ? {} : { LEASEHOLD_COOKIE: JSON.stringify(cookie) }),
	} satisfies BrowserVariables;
	const knownOrigins = origins.map((origin, index) => knownOr(origin, `https://origin-${index}.invalid`));
	const browserSettings = explained(['origins', 'cookie'], () =>
		parseBrowserSettings({ ...browsers, LEASEHOLD_ORIGINS: JSON.stringify(knownOrigins) }),
	);
	const unsigned = unsignedSessionsUntil === undefined ? {} : { LEASEHOLD_UNSIGNED_UNTIL: unsignedSessionsUntil };
	const own = {
		...timing,
		LEASEHOLD_ABSOLUTE_TIMEOUT_MS: String(timeouts.absoluteMs),
		LEASEHOLD_IDLE_TIMEOUT_MS: String(timeouts.idleMs),
		...variable,
		LEASEHOLD_ISSUER_VALUES: JSON.stringify(file.values),
		LEASEHOLD_CLIENT_ATTRIBUTES: JSON.stringify(clientAttributes),
		...(quota === undefined ? {} : { LEASEHOLD_QUOTA_MAX: String(quota.max), LEASEHOLD_QUOTA_ACTION: quota.action }),
		...(ending === undefined ? {} : { LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S: String(ending) }),
		...(failedLoginsPerSecond === undefined
			? {}
			: { LEASEHOLD_FAILED_LOGINS_PER_SECOND: String(failedLoginsPerSecond) }),
		...(publicUrl === undefined ? {} : { LEASEHOLD_PUBLIC_URL: publicUrl }),
		LEASEHOLD_EVIDENCE_HEADER: String(props.evidenceHeader === true),
	} satisfies SettingVariables;
	const variables = withFormer(own, file.former);
	explained(['clientAttributes', 'quota', 'unsignedSessionsUntil'], () =>
		parseSessionServerEnvironment({
			...variables,
			...limits,
			...unsigned,
			...(Token.isUnresolved(publicUrl) ? { LEASEHOLD_PUBLIC_URL: 'https://public.invalid' } : {}),
			LEASEHOLD_CONTROL_TABLE: 'named when deployed',
			LEASEHOLD_BUS_FUNCTION: 'named when deployed',
			LEASEHOLD_TOKEN_KEYS_SECRET: 'named when deployed',
		}),
	);
	// The function checks its variables, but only after others have been bundled. This check comes
	// before.
	checkedVariables('SessionServer', { ...variables, ...browsers });
	return {
		timing,
		feed,
		limits,
		requestMs,
		timeouts,
		services,
		issuersFile: file.text,
		clientSecretArns: issuers.flatMap(({ client }) => client?.secretArn ?? []),
		unsigned,
		browsers,
		cookie: browserSettings.cookie,
		variables,
	};
}

/** The limits of the level, and the variable with what is set within them. */
function timeoutsOf(setting: SettingsProps['timeouts'] = {}): {
	readonly limits: Timeouts;
	readonly variable: TimeoutOptionVariables;
} {
	const { level = 'aal2', ...own } = typeof setting === 'string' ? { level: setting } : setting;
	const limits: Timeouts | undefined = timeoutPresets[level];
	if (limits === undefined)
		throw new SettingError(
			[typeof setting === 'string' ? 'timeouts' : 'timeouts.level'],
			`must be one of ${Object.keys(timeoutPresets).join(', ')}, not "${level}"`,
		);
	return { limits, variable: Object.keys(own).length === 0 ? {} : { LEASEHOLD_TIMEOUTS: JSON.stringify(own) } };
}

/** Leaves room for the names of tables, functions and secrets. */
const formerBytesMax = 3_000;

/**
 * Lambda changes code and variables one after the other. So for one release, a deployment also has
 * the issuers as the release before reads them, if there is room.
 */
function withFormer(variables: SettingVariables, former: string | undefined): SettingVariables {
	if (former === undefined) return variables;
	const both = { ...variables, LEASEHOLD_ISSUERS: former };
	return variableBytes(both) > formerBytesMax ? variables : both;
}

function milliseconds(name: string, duration: Duration | undefined, fallbackMs: number): number {
	if (duration === undefined) return fallbackMs;
	if (duration.isUnresolved())
		throw new SettingError([name], 'must be a value that is known at synthesis, not a token');
	return duration.toMilliseconds();
}

/** A text that is known only after deployment is replaced. Everything else can be checked. */
function knownOr(text: string, substitute: string): string {
	return Token.isUnresolved(text) ? substitute : text;
}

/** The setting behind each variable that the functions check. */
const settingOf: Readonly<Record<string, string>> = {
	LEASEHOLD_ISSUER_VALUES: 'issuers',
	LEASEHOLD_CLIENT_ATTRIBUTES: 'clientAttributes',
	LEASEHOLD_ORIGINS: 'origins',
	LEASEHOLD_COOKIE: 'cookie',
	LEASEHOLD_TIMEOUTS: 'timeouts',
	LEASEHOLD_QUOTA_MAX: 'quota.max',
	LEASEHOLD_QUOTA_ACTION: 'quota.action',
	LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S: 'endingMaxAuthenticationAgeSeconds',
	LEASEHOLD_PUBLIC_URL: 'publicUrl',
	LEASEHOLD_FAILED_LOGINS_PER_SECOND: 'clientLimits.failedLoginsPerSecond',
	LEASEHOLD_REQUESTS_PER_SECOND: 'clientLimits.requestsPerSecond',
	LEASEHOLD_WARM_LINES_PER_SECOND: 'warmLinesPerSecond',
	LEASEHOLD_FEED_LAYOUT: 'feed',
	LEASEHOLD_LEASE_DURATION_MS: 'leaseDuration',
	LEASEHOLD_MAX_STALENESS_MS: 'maxStaleness',
} satisfies Partial<
	Record<keyof SettingVariables | keyof LimitVariables | keyof BrowserVariables | keyof FeedVariables, string>
>;

/**
 * Runs a check of the functions, and names the setting instead of the variable: its own, or
 * `properties` if it has none.
 */
function explained<Checked>(properties: readonly string[], check: () => Checked): Checked {
	try {
		return check();
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		if (error instanceof IssuerError)
			throw new SettingError([['issuers', error.field].filter(Boolean).join('.')], error.problem, error);
		const setting = error instanceof VariableError ? settingOf[error.variable] : undefined;
		if (error instanceof VariableError && setting !== undefined)
			throw new SettingError([[setting, error.field].filter(Boolean).join('.')], error.problem, error);
		throw new SettingError(properties, error.message.replace(/^service catalog[:,] /, ''), error);
	}
}
