import { type Duration, Token } from 'aws-cdk-lib';
import type { Quota } from '../../functions/access/quota.ts';
import { parseServiceCatalog, type ServiceRule, servicesByRoute } from '../../functions/access/service-catalog.ts';
import { type TimingVariables, timingDefaults } from '../../functions/control-table/timing.ts';
import {
	parseSessionServerEnvironment,
	type SessionServerVariables,
} from '../../functions/session-server/deployment/environment.ts';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import {
	type Timeouts,
	type TimeoutVariables,
	timeoutPresets,
} from '../../functions/session-server/deployment/timeouts.ts';
import { VariableError } from '../../functions/system/environment.ts';
import { checkedVariables } from './environment-size.ts';
import { checkedRequestMs } from './request-time.ts';
import { SettingError } from './setting-error.ts';

/** What a deployment decides about its sessions. */
export interface SettingsProps {
	/** OIDC issuers whose ID tokens log in, one at least. */
	readonly issuers: readonly Issuer[];
	/** The services that sessions may be used for, each with its rule. */
	readonly services: readonly ServiceRule[];
	/** NIST SP 800-63B-4 preset of the timeouts; `aal2` (24 hours, 1 hour idle) unless given. */
	readonly timeouts?: keyof typeof timeoutPresets | undefined;
	/** How many sessions a subject may have at once, and what the login beyond that does; 100 and `end-oldest` unless given. */
	readonly quota?: Quota | undefined;
	/** Names of the attributes that clients may read and write; none unless given. */
	readonly clientAttributes?: readonly string[] | undefined;
	/** The staleness bound; 2 seconds unless given. Half a second or more, and with a second for the renewal two thirds of a lease or less. */
	readonly maxStaleness?: Duration | undefined;
	/** How long a lease lasts, and so how long failover takes at the least; 10 seconds unless given, 21 at the most. */
	readonly leaseDuration?: Duration | undefined;
	/** Answers carry their evidence in a header, which is for development; they do not unless told. */
	readonly evidenceHeader?: boolean | undefined;
}

type SetTimes = 'LEASEHOLD_LEASE_DURATION_MS' | 'LEASEHOLD_MAX_STALENESS_MS';

type SettingVariables = Required<Pick<TimingVariables, SetTimes>> &
	Required<TimeoutVariables> &
	Pick<
		SessionServerVariables,
		| 'LEASEHOLD_ISSUERS'
		| 'LEASEHOLD_CLIENT_ATTRIBUTES'
		| 'LEASEHOLD_QUOTA_MAX'
		| 'LEASEHOLD_QUOTA_ACTION'
		| 'LEASEHOLD_EVIDENCE_HEADER'
	>;

/** Settings that the functions will accept. */
export interface Settings {
	/** The times that session servers and the bus must agree on. */
	readonly timing: TimingVariables;
	/** The longest that a session server's request may take. */
	readonly requestMs: number;
	readonly timeouts: Timeouts;
	readonly services: readonly ServiceRule[];
	/** What a session server is told of them. */
	readonly variables: SettingVariables;
}

/**
 * Checks settings with the functions' own checks, so that what they would refuse at their start is refused here.
 * @throws with what was received and what is needed.
 */
export function checkedSettings(props: SettingsProps): Settings {
	const { issuers, services, clientAttributes = [], quota } = props;
	const preset = props.timeouts ?? 'aal2';
	const timeouts: Timeouts | undefined = timeoutPresets[preset];
	if (timeouts === undefined)
		throw new SettingError(
			['timeouts'],
			`"${preset}" is none of ${Object.keys(timeoutPresets).join(', ')}; choose one of them`,
		);
	const leaseDurationMs = milliseconds('leaseDuration', props.leaseDuration, timingDefaults.leaseDurationMs);
	const maxStalenessMs = milliseconds('maxStaleness', props.maxStaleness, timingDefaults.maxStalenessMs);
	const requestMs = explained(['maxStaleness', 'leaseDuration'], () =>
		checkedRequestMs({ ...timingDefaults, leaseDurationMs, maxStalenessMs }),
	);
	explained(['services'], () => servicesByRoute(parseServiceCatalog(services)));
	const timing = {
		LEASEHOLD_LEASE_DURATION_MS: String(leaseDurationMs),
		LEASEHOLD_MAX_STALENESS_MS: String(maxStalenessMs),
	} satisfies TimingVariables;
	const variables = {
		...timing,
		LEASEHOLD_ABSOLUTE_TIMEOUT_MS: String(timeouts.absoluteMs),
		LEASEHOLD_IDLE_TIMEOUT_MS: String(timeouts.idleMs),
		LEASEHOLD_ISSUERS: JSON.stringify(issuers),
		LEASEHOLD_CLIENT_ATTRIBUTES: JSON.stringify(clientAttributes),
		...(quota === undefined ? {} : { LEASEHOLD_QUOTA_MAX: String(quota.max), LEASEHOLD_QUOTA_ACTION: quota.action }),
		LEASEHOLD_EVIDENCE_HEADER: String(props.evidenceHeader === true),
	} satisfies SettingVariables;
	explained(['issuers', 'clientAttributes', 'quota'], () =>
		parseSessionServerEnvironment({
			...variables,
			LEASEHOLD_ISSUERS: JSON.stringify(issuers.map(withoutTokens)),
			LEASEHOLD_CONTROL_TABLE: 'named when deployed',
			LEASEHOLD_BUS_FUNCTION: 'named when deployed',
			LEASEHOLD_TOKEN_KEYS_SECRET: 'named when deployed',
		}),
	);
	checkedVariables('session server', variables); // Here too: the construct finds out once others have been bundled.
	return { timing, requestMs, timeouts, services, variables };
}

function milliseconds(name: string, duration: Duration | undefined, fallbackMs: number): number {
	if (duration === undefined) return fallbackMs;
	if (duration.isUnresolved()) throw new SettingError([name], 'must be known when the stack is synthesized');
	return duration.toMilliseconds();
}

/** A user pool of the same stack has its address only when deployed. It cannot be checked; all else can. */
function withoutTokens(issuer: Issuer, index: number): Issuer {
	const known = (text: string, stand: string) => (Token.isUnresolved(text) ? stand : text);
	return {
		...issuer,
		issuer: known(issuer.issuer, `https://issuer-${index}.invalid`),
		audience: known(issuer.audience, `audience-${index}`),
		jwksUri: known(issuer.jwksUri, `https://issuer-${index}.invalid/jwks.json`),
	};
}

/** What sets each variable that may be refused. */
const settingOf: Readonly<Record<string, string>> = {
	LEASEHOLD_ISSUERS: 'issuers',
	LEASEHOLD_CLIENT_ATTRIBUTES: 'clientAttributes',
	LEASEHOLD_QUOTA_MAX: 'quota.max',
	LEASEHOLD_QUOTA_ACTION: 'quota.action',
	LEASEHOLD_LEASE_DURATION_MS: 'leaseDuration',
	LEASEHOLD_MAX_STALENESS_MS: 'maxStaleness',
} satisfies Partial<Record<keyof SettingVariables, string>>;

/** Says which property is meant, since the functions know only their variables: the one of the variable, else `properties`. */
function explained<Checked>(properties: readonly string[], check: () => Checked): Checked {
	try {
		return check();
	} catch (error) {
		if (!(error instanceof Error)) throw error;
		const setting = error instanceof VariableError ? settingOf[error.variable] : undefined;
		if (error instanceof VariableError && setting !== undefined)
			throw new SettingError([[setting, error.field].filter(Boolean).join('.')], error.problem, error);
		throw new SettingError(properties, error.message.replace(/^service catalog[:,] /, ''), error);
	}
}
