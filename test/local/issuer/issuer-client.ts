import { hash } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { type IssuerOptions, startIssuer } from '../../../local/issuer/issuer.ts';

export const callback = 'http://127.0.0.1:9/v1/login/callback';
export const codeVerifier = 'a-code-verifier-that-has-forty-three-characters';

/** The parameters of a correct authorization request. */
export const authorization = {
	client_id: 'leasehold-local',
	response_type: 'code',
	scope: 'openid',
	redirect_uri: callback,
	state: 'the-state',
	nonce: 'the-nonce',
	code_challenge: hash('sha256', codeVerifier, 'base64url'),
	code_challenge_method: 'S256',
};

type Parameters = Readonly<Record<string, string | undefined>>;

/** An issuer with a clock that tests set, and a browser that keeps its cookie. */
export async function issuerClient(options: IssuerOptions = {}) {
	let nowMs = Date.now();
	const issuer = await startIssuer({ ...options, nowMs: () => nowMs });
	onTestFinished(() => issuer.close());
	let cookie = '';

	async function browse(path: string, form?: Parameters) {
		const response = await fetch(issuer.url + path, {
			redirect: 'manual',
			headers: { cookie },
			...(form === undefined ? {} : { method: 'POST', body: encoded(form) }),
		});
		const [set] = response.headers.getSetCookie();
		if (set !== undefined) cookie = String(set.split(';')[0]);
		const location = response.headers.get('location');
		const to = location === null ? undefined : new URL(location);
		return {
			status: response.status,
			headers: response.headers,
			page: await response.text(),
			location,
			answer: Object.fromEntries(to?.searchParams ?? []),
		};
	}

	const link = (changes: Parameters = {}) => `/authorize?${encoded({ ...authorization, ...changes })}`;
	return {
		issuer,
		browse,
		link,
		sleep: (ms: number) => {
			nowMs += ms;
		},
		/** Logs in on the login page, and returns the answer for the client. */
		logIn: async (changes: Parameters = {}, form: Parameters = {}) =>
			(await browse(link(changes), { step: 'log-in', user: 'ada', factors: '1', ...form })).answer,
		post: async (path: string, form: Parameters, headers: Readonly<Record<string, string>> = {}) => {
			const response = await fetch(issuer.url + path, { method: 'POST', body: encoded(form), headers });
			return { status: response.status, json: (await response.json()) as Readonly<Record<string, string>> };
		},
	};
}

/** The parameters of a correct request for tokens. */
export function tokenRequest(code: string | undefined): Parameters {
	return {
		grant_type: 'authorization_code',
		client_id: 'leasehold-local',
		redirect_uri: callback,
		code,
		code_verifier: codeVerifier,
	};
}

function encoded(parameters: Parameters): URLSearchParams {
	const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
	return new URLSearchParams(given);
}
