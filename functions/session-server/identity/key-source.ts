import type { JSONWebKeySet } from 'jose';
import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { SendRequest } from '../../system/http-client.ts';

/** Where the keys of an issuer are: at a URL, or where the issuer's configuration says. */
export type KeySource = { readonly jwksUri: string } | { readonly issuer: string };

export type FetchedKeys =
	| { readonly kind: 'fetched'; readonly keySet: JSONWebKeySet }
	| { readonly kind: 'failed'; readonly url: string; readonly reason: string };

/** Fetches the keys that an issuer publishes. Never throws. */
export type FetchKeys = () => Promise<FetchedKeys>;

/** An issuer that hangs holds a request for this long, once in every pause. */
const fetchTimeoutMs = 3_000;

/** Issuers publish a handful of keys of less than a kilobyte each. */
const keySetBytesMax = 256 * 1024;

/** An issuer says once in this time where its keys are. It also says so after a failed fetch. */
const whereaboutsMs = 24 * 3_600_000;

export function createKeyFetch(source: KeySource, sendRequest: SendRequest, clock: Clock): FetchKeys {
	let found: { readonly jwksUri: string; readonly at: Instant } | undefined;

	async function fetchJson(url: string, startedAt: Instant): Promise<FetchedJson> {
		const answer = await sendRequest({
			url: new URL(url),
			method: 'GET',
			headers: { accept: 'application/json' },
			body: new Uint8Array(),
			timeoutMs: Math.max(1, Math.ceil(fetchTimeoutMs - elapsedMs(startedAt, clock.now()))),
			bodyBytesMax: keySetBytesMax,
		});
		if (answer.kind === 'failed') return { kind: 'failed', url, reason: answer.code ?? answer.reason };
		if (answer.status !== 200) return { kind: 'failed', url, reason: `status ${answer.status}` };
		try {
			return { kind: 'fetched', json: JSON.parse(Buffer.from(answer.body).toString()) };
		} catch {
			return { kind: 'failed', url, reason: 'no JSON' };
		}
	}

	/** Asks the issuer where its keys are (OpenID Connect Discovery 1.0, section 4). */
	async function discover(issuer: string, startedAt: Instant): Promise<string | FetchFailure> {
		if (found !== undefined && elapsedMs(found.at, startedAt) < whereaboutsMs) return found.jwksUri;
		const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
		const fetched = await fetchJson(url, startedAt);
		if (fetched.kind === 'failed') return fetched;
		const { issuer: named, jwks_uri } = (fetched.json ?? {}) as Readonly<Record<string, unknown>>;
		// Section 4.3: otherwise one issuer could speak for another.
		if (named !== issuer) return { kind: 'failed', url, reason: `it is the configuration of ${String(named)}` };
		if (typeof jwks_uri !== 'string' || !URL.canParse(jwks_uri) || !isAsSafe(jwks_uri, issuer))
			return { kind: 'failed', url, reason: 'jwks_uri is no https URL' };
		found = { jwksUri: jwks_uri, at: startedAt };
		return jwks_uri;
	}

	return async () => {
		const startedAt = clock.now();
		const jwksUri = 'jwksUri' in source ? source.jwksUri : await discover(source.issuer, startedAt);
		if (typeof jwksUri !== 'string') return jwksUri;
		const fetched = await fetchJson(jwksUri, startedAt);
		if (fetched.kind === 'fetched' && isKeySet(fetched.json)) return { kind: 'fetched', keySet: fetched.json };
		found = undefined;
		return fetched.kind === 'failed' ? fetched : { kind: 'failed', url: jwksUri, reason: 'no keys' };
	};
}

type FetchFailure = Extract<FetchedKeys, { kind: 'failed' }>;
type FetchedJson = { readonly kind: 'fetched'; readonly json: unknown } | FetchFailure;

/** An issuer without TLS is one for development. */
function isAsSafe(url: string, issuer: string): boolean {
	return url.startsWith('https:') || issuer.startsWith('http:');
}

function isKeySet(value: unknown): value is JSONWebKeySet {
	if (typeof value !== 'object' || value === null || !('keys' in value)) return false;
	return Array.isArray(value.keys) && value.keys.every((key) => typeof key === 'object' && key !== null);
}
