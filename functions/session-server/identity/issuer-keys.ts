import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { SendRequest } from '../../system/http-client.ts';
import type { Log } from '../../system/log.ts';
import { createSingleFlight } from '../../system/single-flight.ts';

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

/** An issuer that hangs holds a request for this long, once in every pause. */
const fetchTimeoutMs = 3_000;

/** Issuers publish a handful of keys of less than a kilobyte each. */
const keySetBytesMax = 256 * 1024;

/**
 * Finds keys among those that one issuer publishes (RFC 7517). At most one fetch is under way, and
 * there is none during the pause after a failure.
 *
 * The returned function throws `KeysUnavailable` if the key may exist, and jose's
 * `JWKSNoMatchingKey` if the issuer was asked after the token had come, and has no such key.
 */
export function createIssuerKeys(jwksUri: string, sendRequest: SendRequest, clock: Clock, log: Log): JWTVerifyGetKey {
	let known: { readonly find: ReturnType<typeof createLocalJWKSet>; readonly at: Instant } | undefined;
	let failures: { readonly count: number; readonly at: Instant } | undefined;

	const fetchKeys = createSingleFlight(async () => {
		const at = clock.now();
		const answer = await sendRequest({
			url: new URL(jwksUri),
			method: 'GET',
			headers: { accept: 'application/json' },
			body: new Uint8Array(),
			timeoutMs: fetchTimeoutMs,
			bodyBytesMax: keySetBytesMax,
		});
		const find = answer.kind === 'answered' && answer.status === 200 ? parseKeys(answer.body) : undefined;
		if (find !== undefined) {
			known = { find, at };
			failures = undefined;
			return;
		}
		failures = { count: (failures?.count ?? 0) + 1, at: clock.now() };
		const reason = answer.kind === 'failed' ? answer.reason : `status ${answer.status}`;
		log('warn', 'the keys of an issuer could not be fetched', { jwksUri, reason });
	});

	/** Returns the known keys if they are at most `ms` old, or else what a fetch finds. */
	async function keysWithin(ms: number): Promise<typeof known> {
		const now = clock.now();
		if (known !== undefined && elapsedMs(known.at, now) < ms) return known;
		const pause = Math.min(pauseMs.first * 2 ** ((failures?.count ?? 1) - 1), pauseMs.longest);
		if (failures === undefined || elapsedMs(failures.at, now) >= pause) await fetchKeys();
		return known;
	}

	return async (header, token) => {
		const arrivedAt = clock.now();
		const keys = await keysWithin(freshMs);
		if (keys === undefined || elapsedMs(keys.at, clock.now()) >= staleMs)
			throw new KeysUnavailable('the keys of the issuer could not be fetched');
		try {
			return await keys.find(header, token);
		} catch (error) {
			if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
		}
		// The issuer may have published the key since.
		const later = await keysWithin(fetchForUnknownAfterMs);
		if (later === undefined || later.at.monotonicMs < arrivedAt.monotonicMs)
			throw new KeysUnavailable('the issuer may have published the key since its keys were fetched');
		return later.find(header, token);
	};
}

function parseKeys(body: Uint8Array): ReturnType<typeof createLocalJWKSet> | undefined {
	try {
		return createLocalJWKSet(JSON.parse(Buffer.from(body).toString()) as JSONWebKeySet);
	} catch {
		return undefined;
	}
}
