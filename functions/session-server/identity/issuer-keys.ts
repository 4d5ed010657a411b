import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { createSingleFlight } from '../../system/single-flight.ts';
import type { FetchKeys } from './key-source.ts';
import { fillIn } from './known-issuers.ts';

/** The keys of the issuer are not known, so the token may be valid. */
export class KeysUnavailable extends Error {}

/** Keys are fetched again when they are older. */
const freshMs = 10 * 60_000;

/** While they cannot be fetched, older keys are still used, but not for longer than this. */
const staleMs = 24 * 3_600_000;

/** Anyone can make up a key id, so unknown ids cause at most one fetch in this time. */
const fetchForUnknownAfterMs = 10_000;

/** The pause after a failed fetch doubles from the first to the second. */
const pauseMs = { first: 1_000, longest: 30_000 };

/** The likely mistakes of a first deployment, by the reason of the fetch. */
function adviceOn(reason: string): string | undefined {
	if (reason === 'ENOTFOUND') return 'There is no such host. Look at issuer and jwksUri in the settings.';
	if (reason === 'status 404')
		return 'The issuer has nothing at this address. Look at issuer and jwksUri in the settings.';
	if (reason === 'timeout' || reason === 'unreachable' || /^E[A-Z]+$/.test(reason))
		return 'The issuer cannot be reached. If the function is in a VPC, it needs a way to the internet.';
	if (reason.startsWith('it is the configuration of')) return 'The issuer in the settings must be spelled like that.';
	return undefined;
}

/** Finds the key of a token that `iss` signed. */
export type FindKey = (iss: string) => JWTVerifyGetKey;

/**
 * Finds keys among those that one issuer publishes (RFC 7517). At most one fetch is under way, and
 * there is none during the pause after a failure.
 *
 * The returned function throws `KeysUnavailable` if the key may exist, and jose's
 * `JWKSNoMatchingKey` if the issuer was asked after the token had come, and has no such key.
 */
export function createIssuerKeys(fetchKeySet: FetchKeys, clock: Clock, log: Log): FindKey {
	let known: { readonly keysOf: FindKey; readonly at: Instant } | undefined;
	let failures: { readonly count: number; readonly at: Instant } | undefined;

	const fetchKeys = createSingleFlight(async () => {
		const at = clock.now();
		const fetched = await fetchKeySet();
		if (fetched.kind === 'fetched') {
			known = { keysOf: keysByIssuer(fetched.keySet), at };
			failures = undefined;
			return;
		}
		failures = { count: (failures?.count ?? 0) + 1, at: clock.now() };
		const { url, reason } = fetched;
		log('warn', 'the keys of an issuer could not be fetched', { url, reason, advice: adviceOn(reason) });
	});

	/** Returns the known keys if they are at most `ms` old, or else what a fetch finds. */
	async function keysWithin(ms: number): Promise<typeof known> {
		const now = clock.now();
		if (known !== undefined && elapsedMs(known.at, now) < ms) return known;
		const pause = Math.min(pauseMs.first * 2 ** ((failures?.count ?? 1) - 1), pauseMs.longest);
		if (failures === undefined || elapsedMs(failures.at, now) >= pause) await fetchKeys();
		return known;
	}

	return (iss) => async (header, token) => {
		const arrivedAt = clock.now();
		const keys = await keysWithin(freshMs);
		if (keys === undefined || elapsedMs(keys.at, clock.now()) >= staleMs)
			throw new KeysUnavailable('the keys of the issuer could not be fetched');
		try {
			return await keys.keysOf(iss)(header, token);
		} catch (error) {
			if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
		}
		// The issuer may have published the key since.
		const later = await keysWithin(fetchForUnknownAfterMs);
		if (later === undefined || later.at.monotonicMs < arrivedAt.monotonicMs)
			throw new KeysUnavailable('the issuer may have published the key since its keys were fetched');
		return later.keysOf(iss)(header, token);
	};
}

/**
 * The keys of Entra ID are those of all its tenants. A key that names an issuer signs for that one
 * only, or for each tenant if it has `{tenantid}`. Otherwise a tenant with its own keys could sign
 * for another one.
 */
function keysByIssuer(keySet: JSONWebKeySet): FindKey {
	const ofAll = createLocalJWKSet(keySet);
	const keys = keySet.keys.map((key) => ({ key, issuer: (key as { readonly issuer?: unknown }).issuer }));
	if (!keys.some(({ issuer }) => typeof issuer === 'string')) return () => ofAll;
	const isFor = (iss: string, issuer: unknown) =>
		typeof issuer !== 'string' || issuer === iss || fillIn(issuer, '{tenantid}', iss) !== undefined;
	return (iss) => createLocalJWKSet({ keys: keys.filter(({ issuer }) => isFor(iss, issuer)).map(({ key }) => key) });
}
