import { hash } from 'node:crypto';
import {
	allowInsecureRequests,
	authorizationCodeGrant,
	buildAuthorizationUrl,
	buildAuthorizationUrlWithPAR,
	buildEndSessionUrl,
	type ClientAuth,
	ClientSecretBasic,
	ClientSecretPost,
	type Configuration,
	clockTolerance,
	customFetch,
	discovery,
	None,
} from 'openid-client';
import { type Clock, elapsedMs, type Instant } from '../../../system/clock.ts';
import type { SendRequest } from '../../../system/http-client.ts';
import type { Log } from '../../../system/log.ts';
import { createSingleFlight } from '../../../system/single-flight.ts';
import type { IssuerClient } from '../../deployment/issuer-client.ts';
import { issuerDefaults } from '../../deployment/issuers.ts';
import type { TrustedIssuer } from '../../deployment/trusted-issuers.ts';
import type { ClientSecret } from '../../identity/client-secret.ts';
import { fetchFromIssuer, type IssuerProblem, isClientRefused, problemOf } from './issuer-answers.ts';
import type { PendingLogin } from './sealed-login.ts';

/** An issuer at which the API logs users in as its client. Nothing here throws but bugs. */
export interface LoginIssuer {
	/** The URL of the issuer's authorization endpoint for this login. */
	begin(login: BeginLogin): Promise<{ readonly kind: 'begun'; readonly url: URL } | IssuerProblem>;
	/**
	 * Checks the issuer's answer and exchanges its code. The ID token fits state, nonce and `max_age`
	 * of the login. Its signature, audience and times are for `verifyIdToken` to check.
	 *
	 * @param callback the URL with which the browser came back
	 */
	finish(
		callback: URL,
		pending: PendingLogin,
	): Promise<{ readonly kind: 'finished'; readonly idToken: string } | IssuerProblem>;
	/**
	 * The URL at which the issuer ends its own session. `undefined` if it has none, is down, or says
	 * it wrongly.
	 */
	endSession(returnTo: string): Promise<URL | undefined>;
}

export interface BeginLogin {
	readonly pending: PendingLogin;
	readonly redirectUri: string;
	readonly prompt: string | undefined;
}

export interface LoginIssuerPorts {
	readonly sendRequest: SendRequest;
	readonly clock: Clock;
	readonly log: Log;
	/** `undefined` for a public client. */
	readonly secret: ClientSecret | undefined;
}

/** Issuers change their endpoints seldom. */
const metadataFreshMs = 10 * 60_000;

/** While metadata cannot be fetched, older ones are still used, but not for longer than this. */
const metadataStaleMs = 24 * 3_600_000;

/** The pause after a failed fetch. Logins meanwhile are answered at once. */
const pauseMs = 2_000;

export function createLoginIssuer(
	issuer: Pick<TrustedIssuer, 'name' | 'clockToleranceSeconds'> & { readonly url: string },
	client: IssuerClient,
	ports: LoginIssuerPorts,
): LoginIssuer {
	const { clock, log, secret } = ports;
	let known: { readonly configuration: Configuration; readonly at: Instant } | undefined;
	let failed: { readonly problem: IssuerProblem; readonly at: Instant } | undefined;
	let secretText: string | undefined;

	/** The configuration keeps this function, so it takes the secret that was read last. */
	const authenticate: ClientAuth = (server, metadata, body, headers) => {
		const offered = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
		const post = !offered.includes('client_secret_basic') && offered.includes('client_secret_post');
		const method = secretText === undefined ? None() : (post ? ClientSecretPost : ClientSecretBasic)(secretText);
		return method(server, metadata, body, headers);
	};

	const fetchMetadata = createSingleFlight(async () => {
		const at = clock.now();
		const url = new URL(issuer.url);
		try {
			const tolerance = issuer.clockToleranceSeconds ?? issuerDefaults.clockToleranceSeconds;
			const configuration = await discovery(url, client.id, { [clockTolerance]: tolerance }, authenticate, {
				[customFetch]: fetchFromIssuer(ports.sendRequest),
				// Only for an issuer that is configured without TLS, such as the local one.
				execute: url.protocol === 'http:' ? [allowInsecureRequests] : [],
			});
			known = { configuration, at };
			failed = undefined;
		} catch (error) {
			failed = { problem: problemOf(error), at: clock.now() };
			log('warn', 'the metadata of an issuer could not be fetched', { issuer: issuer.name, ...failed.problem });
		}
	});

	async function configured(): Promise<
		{ readonly kind: 'known'; readonly configuration: Configuration } | IssuerProblem
	> {
		const now = clock.now();
		const isFresh = known !== undefined && elapsedMs(known.at, now) < metadataFreshMs;
		const isPaused = failed !== undefined && elapsedMs(failed.at, now) < pauseMs;
		if (!isFresh && !isPaused) await fetchMetadata();
		if (known !== undefined && elapsedMs(known.at, clock.now()) < metadataStaleMs)
			return { kind: 'known', configuration: known.configuration };
		return failed?.problem ?? { kind: 'unavailable', reason: 'no metadata' };
	}

	/**
	 * Calls the issuer as its client. If the issuer refuses the client, the secret may have been
	 * replaced, so it is read again, and the call is made once more if it has changed.
	 */
	async function asClient<Result>(
		call: (configuration: Configuration) => Promise<Result>,
	): Promise<Result | IssuerProblem> {
		const found = await configured();
		if (found.kind !== 'known') return found;
		for (let attempt = 0; ; attempt++) {
			if (secret !== undefined) {
				const read = await secret(attempt > 0);
				if (read.kind === 'unavailable') return read;
				if (attempt > 0 && read.text === secretText) return clientRefused;
				secretText = read.text;
			}
			try {
				return await call(found.configuration);
			} catch (error) {
				const mayRetry = secret !== undefined && attempt === 0 && isClientRefused(error);
				if (!mayRetry) return problemOf(error);
			}
		}
	}

	return {
		begin: ({ pending, redirectUri, prompt }) =>
			asClient(async (configuration) => {
				const { maxAgeSeconds, acrValues } = pending;
				const parameters = {
					...client.authorizationParameters,
					scope: client.scope ?? 'openid',
					redirect_uri: redirectUri,
					state: pending.state,
					nonce: pending.nonce,
					code_challenge: hash('sha256', pending.codeVerifier, 'base64url'),
					code_challenge_method: 'S256',
					...(acrValues === undefined ? {} : { acr_values: acrValues }),
					...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
					...(prompt === undefined ? {} : { prompt }),
				};
				const pushes = configuration.serverMetadata().pushed_authorization_request_endpoint !== undefined;
				const build = pushes ? buildAuthorizationUrlWithPAR : buildAuthorizationUrl;
				return { kind: 'begun', url: await build(configuration, parameters) } as const;
			}),
		finish: (callback, { state, nonce, codeVerifier, maxAgeSeconds }) =>
			asClient(async (configuration) => {
				const { id_token: idToken } = await authorizationCodeGrant(configuration, callback, {
					expectedState: state,
					expectedNonce: nonce,
					pkceCodeVerifier: codeVerifier,
					idTokenExpected: true,
					...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
				});
				if (idToken === undefined) return { kind: 'wrong-answer', reason: 'no ID token' } as const;
				return { kind: 'finished', idToken } as const;
			}),
		endSession: async (returnTo) => {
			const found = await configured();
			if (found.kind !== 'known') return undefined;
			if (found.configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
			try {
				return buildEndSessionUrl(found.configuration, {
					...client.logoutParameters,
					post_logout_redirect_uri: client.logoutReturnTo ?? returnTo,
				});
			} catch (error) {
				log('warn', 'an issuer cannot end its sessions', { issuer: issuer.name, ...problemOf(error) });
				return undefined;
			}
		},
	};
}

const clientRefused: IssuerProblem = { kind: 'wrong-answer', reason: 'the issuer refused the client' };
