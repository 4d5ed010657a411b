import { lookup } from 'node:dns';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { inject } from 'vitest';
import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import type { Claims } from '../../local/issuer/claims.ts';

export const deployed = inject('deployed');

export interface CallOptions {
	readonly token?: string;
	readonly cookie?: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: unknown;
	/** @default the API of the session server */
	readonly url?: string;
}

export interface Called {
	readonly status: number;
	readonly headers: Readonly<Record<string, string | string[] | undefined>>;
	/** The body as JSON, or an empty object if it is none. */
	readonly json: Readonly<Record<string, unknown>>;
	/** Absent if the deployment does not show it. */
	readonly evidence: Evidence | undefined;
}

/** Calls the deployment. A body is sent as JSON, and text as it is. */
export function call(
	method: string,
	path: string,
	{ token, cookie, headers, body, url: base = deployed.url }: CallOptions = {},
): Promise<Called> {
	const url = new URL(base + path);
	const options = {
		method,
		lookup: lookupLocalhost,
		headers: {
			...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
			...(cookie === undefined ? {} : { cookie }),
			...headers,
		},
	};
	return new Promise((resolve, reject) => {
		const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options, (response) => {
			const chunks: Buffer[] = [];
			response.on('data', (chunk: Buffer) => chunks.push(chunk));
			response.on('error', reject);
			response.on('end', () => {
				const text = Buffer.concat(chunks).toString();
				const evidence = response.headers['x-session-evidence'];
				resolve({
					status: response.statusCode ?? 0,
					headers: response.headers,
					json: text.startsWith('{') ? JSON.parse(text) : {},
					evidence: evidence === undefined ? undefined : JSON.parse(String(evidence)),
				});
			});
		});
		request.on('error', reject);
		request.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
	});
}

/** An ID token that logs in. It has these claims if the tests have an issuer. */
export async function idToken(claims: Partial<Claims> = {}): Promise<string> {
	if ('idToken' in deployed.idTokens) return deployed.idTokens.idToken;
	const body = JSON.stringify({ subject: 'grace', scope: 'billing:read', ...claims });
	const response = await fetch(`${deployed.idTokens.issuer}/id-tokens`, { method: 'POST', body });
	return ((await response.json()) as { idToken: string }).idToken;
}

/** Logs in. @returns the session token */
export async function login(claims: Partial<Claims> = {}): Promise<string> {
	const { status, json } = await call('POST', '/v1/sessions', {
		token: await idToken(claims),
		body: { delivery: 'bearer' },
	});
	if (status !== 201) throw new Error(`login answered ${status}: ${JSON.stringify(json)}`);
	return String(json['token']);
}

/** Asks for a decision, for a service that any session may use by default. */
export function authorize(token: string, service = 'profile'): Promise<Called> {
	return call('GET', `/v1/authorize?service=${service}`, { token });
}

/** Names below `localhost` mean this machine (RFC 6761), but not every resolver knows that. */
const lookupLocalhost: LookupFunction = (hostname, options, callback) => {
	if (!hostname.endsWith('.localhost')) {
		lookup(hostname, options, callback);
		return;
	}
	const address = '127.0.0.1';
	if (options.all === true) callback(null, [{ address, family: 4 }]);
	else callback(null, address, 4);
};
