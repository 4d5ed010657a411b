import { type Keyring, parseKeyring } from '../../access/keyring.ts';
import { type Quota, type QuotaAction, quotaActions, quotaMaxMax } from '../../access/quota.ts';
import { parseTiming, type Timing, type TimingVariables } from '../../control-table/timing.ts';
import { attributeNamePattern, attributesMax } from '../../session/session-schema.ts';
import { type Environment, json, required, VariableError, wholeNumber } from '../../system/environment.ts';
import { type Issuer, parseIssuers } from './issuers.ts';
import { parseTimeouts, type Timeouts, type TimeoutVariables } from './timeouts.ts';

/**
 * What a session server's function is given. Whatever provisions the function is held to this by the compiler.
 * It names the control table and the bus, and no repository (I9).
 */
export type SessionServerVariables = DecidingVariables &
	TimeoutVariables & {
		/** JSON: the OIDC issuers whose ID tokens log in, as `parseIssuers` reads them. */
		LEASEHOLD_ISSUERS: string;
		/** JSON array of the attribute names that clients may read and write. */
		LEASEHOLD_CLIENT_ATTRIBUTES?: string;
		/** How many sessions a subject may have at once, at most 100. */
		LEASEHOLD_QUOTA_MAX?: string;
		/** What the login beyond that does: `deny`, `end-next-expiring`, `end-oldest` or `end-all`. */
		LEASEHOLD_QUOTA_ACTION?: QuotaAction;
		/** `true`: answers carry their evidence in the header `x-session-evidence`. For development and drills. */
		LEASEHOLD_EVIDENCE_HEADER?: string;
	};

/** What every function is given that decides about sessions. */
export type DecidingVariables = TimingVariables & {
	/** Name of the control table. */
	LEASEHOLD_CONTROL_TABLE: string;
	/** Name or ARN of the bus's function. */
	LEASEHOLD_BUS_FUNCTION: string;
	/** Bytes of memory for copies of sessions. */
	LEASEHOLD_COPY_BYTES_MAX?: string;
} & (
		| {
				/** ARN or name of the secret in Secrets Manager that holds the token keyring, as `parseKeyring` reads it. */
				LEASEHOLD_TOKEN_KEYS_SECRET: string;
		  }
		| {
				/** The token keyring itself. For development: it cannot be rotated, and who sees the configuration sees it. */
				LEASEHOLD_TOKEN_KEYS: string;
		  }
	);

/** What every function takes from its environment that decides about sessions. */
export interface DecidingEnvironment {
	readonly controlTable: string;
	readonly busFunction: string;
	/** The keyring, or the id of the secret that holds it. */
	readonly keySource: Keyring | { readonly secretId: string };
	readonly copyBytesMax: number;
	readonly timing: Timing;
}

export interface SessionServerEnvironment extends DecidingEnvironment {
	readonly issuers: readonly Issuer[];
	readonly clientAttributes: ReadonlySet<string>;
	readonly quota: Quota;
	readonly evidenceHeader: boolean;
	readonly timeouts: Timeouts;
}

/** A small part of a function's memory: some 20,000 sessions. */
const copyBytesMaxDefault = 32 * 1024 * 1024;

/** @throws naming the variable that is missing or wrong. */
export function parseSessionServerEnvironment(environment: Environment): SessionServerEnvironment {
	const deciding = parseDecidingEnvironment(environment);
	const timeouts = parseTimeouts(environment);
	return {
		...deciding,
		issuers: parseIssuers(json(environment, 'LEASEHOLD_ISSUERS')),
		clientAttributes: parseAttributeNames(environment),
		quota: parseQuota(environment),
		evidenceHeader: environment['LEASEHOLD_EVIDENCE_HEADER'] === 'true',
		timeouts,
	};
}

/** @throws naming the variable that is missing or wrong. */
export function parseDecidingEnvironment(environment: Environment): DecidingEnvironment {
	return {
		controlTable: required(environment, 'LEASEHOLD_CONTROL_TABLE'),
		busFunction: required(environment, 'LEASEHOLD_BUS_FUNCTION'),
		keySource: parseKeySource(environment),
		copyBytesMax: wholeNumber(environment, 'LEASEHOLD_COPY_BYTES_MAX', copyBytesMaxDefault),
		timing: parseTiming(environment),
	};
}

/** What the authorizer's function is given. Whatever provisions the function is held to this by the compiler. */
export type AuthorizerVariables = DecidingVariables & {
	/** Name of the service that guards the routes which no service of the catalog names. Without it they are denied. */
	LEASEHOLD_AUTHORIZER_SERVICE?: string;
};

export interface AuthorizerEnvironment extends DecidingEnvironment {
	readonly service: string | undefined;
}

/** @throws naming the variable that is missing or wrong. */
export function parseAuthorizerEnvironment(environment: Environment): AuthorizerEnvironment {
	const service = environment['LEASEHOLD_AUTHORIZER_SERVICE'];
	return { ...parseDecidingEnvironment(environment), service: service === '' ? undefined : service };
}

function parseKeySource(environment: Environment): DecidingEnvironment['keySource'] {
	const secretId = environment['LEASEHOLD_TOKEN_KEYS_SECRET'];
	if (!secretId) return parseKeyring(required(environment, 'LEASEHOLD_TOKEN_KEYS'));
	if (environment['LEASEHOLD_TOKEN_KEYS'])
		throw new Error('LEASEHOLD_TOKEN_KEYS and LEASEHOLD_TOKEN_KEYS_SECRET exclude each other: set one of them');
	return { secretId };
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

/** Nobody has a hundred sessions by hand, so that by default nobody is ever logged out by logging in elsewhere. */
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
