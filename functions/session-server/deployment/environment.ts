import { type Keyring, parseKeyring } from '../../access/keyring.ts';
import { type Quota, type QuotaAction, quotaActions, quotaMaxMax } from '../../access/quota.ts';
import { parseTiming, type Timing, type TimingVariables } from '../../control-table/timing.ts';
import { attributeNamePattern, attributesMax } from '../../session/session-schema.ts';
import { type Environment, json, required, VariableError, wholeNumber } from '../../system/environment.ts';
import { failedLoginsPerSecondDefault, requestsPerSecondDefault, requestsPerSecondMin } from '../rates.ts';
import { type BrowserSettings, type BrowserVariables, parseBrowserSettings } from './browser-settings.ts';
import { type PublicUrlVariables, parsePublicUrl } from './public-url.ts';
import { parseTimeoutOptions, type TimeoutOptions, type TimeoutOptionVariables } from './timeout-options.ts';
import { parseTimeouts, type Timeouts, type TimeoutVariables } from './timeouts.ts';

/**
 * The environment variables of a session server's function. The compiler holds the code that
 * provisions the function to them. They name the control table and the bus, and no repository (I9).
 */
export type SessionServerVariables = DecidingVariables &
	TimeoutVariables &
	TimeoutOptionVariables &
	PublicUrlVariables & {
		/**
		 * JSON array of the texts in `issuers.json` that are known only after deployment. The file has
		 * their places, as `fillPlaces` reads them.
		 */
		LEASEHOLD_ISSUER_VALUES: string;
		/**
		 * The issuers as the release before reads them. Lambda changes code and variables one after the
		 * other, so this release reads them while `LEASEHOLD_ISSUER_VALUES` is not there.
		 */
		LEASEHOLD_ISSUERS?: string;
		/** JSON array of the attribute names that clients may read and write. */
		LEASEHOLD_CLIENT_ATTRIBUTES?: string;
		/**
		 * The most sessions that a subject may have at once.
		 *
		 * @default 100, which is also the maximum
		 */
		LEASEHOLD_QUOTA_MAX?: string;
		/**
		 * The action when a login would exceed the quota.
		 *
		 * @default 'end-oldest'
		 */
		LEASEHOLD_QUOTA_ACTION?: QuotaAction;
		/**
		 * The longest time since the subject proved their identity, for a client that ends other
		 * sessions than its own.
		 *
		 * @default no limit
		 */
		LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S?: string;
		/**
		 * `true` adds the evidence of each decision to the answer, in the header `x-session-evidence`.
		 * For development and drills.
		 */
		LEASEHOLD_EVIDENCE_HEADER?: string;
		/**
		 * The failed logins from one source address that an instance answers each second, and ten
		 * times as many at once. Behind a proxy, all clients may have its address.
		 *
		 * @default 10
		 */
		LEASEHOLD_FAILED_LOGINS_PER_SECOND?: string;
		/**
		 * ARN or name of the secret in Secrets Manager that a CloudFront distribution sends with each
		 * request. Requests without it are refused.
		 *
		 * @default requests from everywhere are answered
		 */
		LEASEHOLD_DISTRIBUTION_SECRET?: string;
	};

/** The environment variables of every function that decides about sessions. */
export type DecidingVariables = TimingVariables &
	BrowserVariables & {
		/** Name of the control table. */
		LEASEHOLD_CONTROL_TABLE: string;
		/** Name or ARN of the bus's function. */
		LEASEHOLD_BUS_FUNCTION: string;
		/**
		 * The most memory for copies of sessions, in bytes.
		 *
		 * @default 33554432
		 */
		LEASEHOLD_COPY_BYTES_MAX?: string;
		/**
		 * The requests with one token that an instance answers each second, and ten times as many at
		 * once. At least 11.
		 *
		 * @default 100
		 */
		LEASEHOLD_REQUESTS_PER_SECOND?: string;
		/**
		 * How many allowed decisions that waited for no call an instance logs each second. All others
		 * are logged, and metrics count them all.
		 *
		 * @default none
		 */
		LEASEHOLD_WARM_LINES_PER_SECOND?: string;
		/**
		 * Until when sessions without a signature are accepted, such as `2026-12-31T00:00:00Z`. An
		 * earlier release made them. Until then, somebody who can write to a store can forge records.
		 *
		 * @default they are not accepted
		 */
		LEASEHOLD_UNSIGNED_UNTIL?: string;
	} & (
		| {
				/**
				 * ARN or name of the secret in Secrets Manager that holds the token keyring, as
				 * `parseKeyring` reads it.
				 */
				LEASEHOLD_TOKEN_KEYS_SECRET: string;
		  }
		| {
				/**
				 * The token keyring itself. For development only: it cannot be rotated, and it is visible
				 * to everyone who can read the configuration of the function.
				 */
				LEASEHOLD_TOKEN_KEYS: string;
		  }
	);

/** The settings of every function that decides about sessions. */
export interface DecidingEnvironment {
	readonly controlTable: string;
	readonly busFunction: string;
	readonly keySource: KeySource;
	readonly copyBytesMax: number;
	readonly requestsPerSecond: number;
	/** How many warm, allowed decisions this instance logs each second. */
	readonly warmLinesPerSecond: number;
	/** In milliseconds since the Unix epoch. 0: sessions without a signature are not accepted. */
	readonly unsignedUntilMs: number;
	readonly timing: Timing;
	readonly browsers: BrowserSettings;
}

/** Where the token keyring comes from. */
export type KeySource =
	| { readonly kind: 'fixed'; readonly keyring: Keyring }
	/** The ARN or name of a secret in Secrets Manager. */
	| { readonly kind: 'secret'; readonly secretId: string };

export interface SessionServerEnvironment extends DecidingEnvironment {
	/** The texts for the places in `issuers.json`, or the whole list of the release before. */
	readonly issuers: { readonly values: readonly string[] } | { readonly former: unknown };
	readonly clientAttributes: ReadonlySet<string>;
	readonly quota: Quota;
	readonly endingMaxAuthenticationAgeSeconds: number | undefined;
	readonly evidenceHeader: boolean;
	readonly failedLoginsPerSecond: number;
	/** The ARN or name of the secret that a CloudFront distribution sends. */
	readonly distributionSecretId: string | undefined;
	/** The limits of the level. */
	readonly timeouts: Timeouts;
	/** Those that are set within the limits, for all logins. */
	readonly timeoutOptions: TimeoutOptions;
	/** Without a slash at its end. `undefined`: the host of each request. */
	readonly publicUrl: string | undefined;
}

/** In bytes: room for some 20,000 sessions in a small part of a function's memory. */
const copyBytesMaxDefault = 32 * 1024 * 1024;

/** @throws an error that names the variable which is missing or wrong. */
export function parseSessionServerEnvironment(environment: Environment): SessionServerEnvironment {
	const deciding = parseDecidingEnvironment(environment);
	const timeouts = parseTimeouts(environment);
	return {
		...deciding,
		issuers: parseIssuerVariables(environment),
		clientAttributes: parseAttributeNames(environment),
		quota: parseQuota(environment),
		endingMaxAuthenticationAgeSeconds: environment['LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S']
			? wholeNumber(environment, 'LEASEHOLD_ENDING_MAX_AUTHENTICATION_AGE_S', 0)
			: undefined,
		failedLoginsPerSecond: wholeNumber(environment, 'LEASEHOLD_FAILED_LOGINS_PER_SECOND', failedLoginsPerSecondDefault),
		evidenceHeader: environment['LEASEHOLD_EVIDENCE_HEADER'] === 'true',
		distributionSecretId: environment['LEASEHOLD_DISTRIBUTION_SECRET'] || undefined,
		timeouts,
		timeoutOptions: parseTimeoutOptions(environment, timeouts),
		publicUrl: parsePublicUrl(environment),
	};
}

/** @throws an error that names the variable which is missing or wrong. */
export function parseDecidingEnvironment(environment: Environment): DecidingEnvironment {
	return {
		controlTable: required(environment, 'LEASEHOLD_CONTROL_TABLE'),
		busFunction: required(environment, 'LEASEHOLD_BUS_FUNCTION'),
		keySource: parseKeySource(environment),
		copyBytesMax: wholeNumber(environment, 'LEASEHOLD_COPY_BYTES_MAX', copyBytesMaxDefault),
		requestsPerSecond: parseRequestsPerSecond(environment),
		warmLinesPerSecond: wholeNumber(environment, 'LEASEHOLD_WARM_LINES_PER_SECOND', 0),
		unsignedUntilMs: parseUnsignedUntil(environment),
		timing: parseTiming(environment),
		browsers: parseBrowserSettings(environment),
	};
}

/**
 * The environment variables of the authorizer's function, to which the compiler holds its
 * construct.
 */
export type AuthorizerVariables = DecidingVariables & {
	/**
	 * Name of the service whose rule applies to routes that no service of the catalog lists. Without
	 * it, the authorizer denies requests for such routes.
	 */
	LEASEHOLD_AUTHORIZER_SERVICE?: string;
};

export interface AuthorizerEnvironment extends DecidingEnvironment {
	readonly service: string | undefined;
}

/** @throws an error that names the variable which is missing or wrong. */
export function parseAuthorizerEnvironment(environment: Environment): AuthorizerEnvironment {
	const service = environment['LEASEHOLD_AUTHORIZER_SERVICE'];
	return { ...parseDecidingEnvironment(environment), service: service === '' ? undefined : service };
}

function parseRequestsPerSecond(environment: Environment): number {
	const requests = wholeNumber(environment, 'LEASEHOLD_REQUESTS_PER_SECOND', requestsPerSecondDefault);
	if (requests < requestsPerSecondMin)
		throw new VariableError(
			'LEASEHOLD_REQUESTS_PER_SECOND',
			`must be at least ${requestsPerSecondMin}, not ${requests}: with fewer, no client could list its sessions`,
		);
	return requests;
}

function parseKeySource(environment: Environment): KeySource {
	const secretId = environment['LEASEHOLD_TOKEN_KEYS_SECRET'];
	if (!secretId) return { kind: 'fixed', keyring: parseKeyring(required(environment, 'LEASEHOLD_TOKEN_KEYS')) };
	if (environment['LEASEHOLD_TOKEN_KEYS'])
		throw new Error('LEASEHOLD_TOKEN_KEYS and LEASEHOLD_TOKEN_KEYS_SECRET are both set: set one of them');
	return { kind: 'secret', secretId };
}

function parseUnsignedUntil(environment: Environment): number {
	const text = environment['LEASEHOLD_UNSIGNED_UNTIL'];
	if (!text) return 0;
	const atMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(text) ? Date.parse(text) : Number.NaN;
	if (Number.isNaN(atMs))
		throw new VariableError('LEASEHOLD_UNSIGNED_UNTIL', `must be a time like 2026-12-31T00:00:00Z, not "${text}"`);
	return atMs;
}

function parseIssuerVariables(environment: Environment): SessionServerEnvironment['issuers'] {
	if (!environment['LEASEHOLD_ISSUER_VALUES'] && environment['LEASEHOLD_ISSUERS'])
		return { former: json(environment, 'LEASEHOLD_ISSUERS') };
	const values = json(environment, 'LEASEHOLD_ISSUER_VALUES');
	if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return { values };
	throw new VariableError('LEASEHOLD_ISSUER_VALUES', 'must be a JSON array of texts');
}

function parseAttributeNames(environment: Environment): ReadonlySet<string> {
	if (!environment['LEASEHOLD_CLIENT_ATTRIBUTES']) return new Set();
	const names = json(environment, 'LEASEHOLD_CLIENT_ATTRIBUTES');
	const valid = Array.isArray(names) && names.length <= attributesMax && names.every(isAttributeName);
	if (!valid)
		throw new VariableError(
			'LEASEHOLD_CLIENT_ATTRIBUTES',
			`must be a JSON array of at most ${attributesMax} attribute names`,
		);
	return new Set(names);
}

/**
 * No person opens a hundred sessions by hand. So by default nobody is logged out because they log
 * in elsewhere.
 */
const quotaDefault: Quota = { max: quotaMaxMax, action: 'end-oldest' };

function parseQuota(environment: Environment): Quota {
	const max = wholeNumber(environment, 'LEASEHOLD_QUOTA_MAX', quotaDefault.max);
	if (max > quotaMaxMax) throw new VariableError('LEASEHOLD_QUOTA_MAX', `must be at most ${quotaMaxMax}, not ${max}`);
	const text = environment['LEASEHOLD_QUOTA_ACTION'] || quotaDefault.action;
	const action = quotaActions.find((known) => known === text);
	if (action === undefined)
		throw new VariableError('LEASEHOLD_QUOTA_ACTION', `must be one of ${quotaActions.join(', ')}, not "${text}"`);
	return { max, action };
}

function isAttributeName(name: unknown): name is string {
	return typeof name === 'string' && attributeNamePattern.test(name);
}
