import { createServer } from 'node:http';
import { type Listener, listen } from '../system/listen.ts';
import { forOwnMachine } from '../system/own-machine.ts';
import { readBody } from '../system/request-body.ts';
import { type Answer, json } from './answer.ts';
import { authorize } from './authorize.ts';
import type { Claims } from './claims.ts';
import type { IssuerClient } from './clients.ts';
import type { IssuerContext, IssuerRequest } from './context.ts';
import { logOut } from './end-session.ts';
import { codeMs, exchangeCode } from './exchange-code.ts';
import { createExpiring } from './expiring.ts';
import { createIdTokens } from './id-tokens.ts';
import { metadata } from './metadata.ts';
import { mintOnRequest } from './mint-on-request.ts';
import { pushedRequestMs, pushRequest } from './push.ts';

/**
 * An OpenID Connect issuer with its own key, for tests. It asks for no password, and signs any
 * claims that it is asked for.
 */
export interface LocalIssuer extends Listener {
	/** The id of the client that is always there, and the audience of the tokens of `mint`. */
	readonly audience: string;
	readonly jwksUri: string;
	mint(claims: Claims): Promise<string>;
}

export interface IssuerOptions {
	/** Clients besides the one of the region. */
	readonly clients?: readonly IssuerClient[];
	/** Callbacks that are not on this machine's loopback interface. */
	readonly redirectUris?: readonly string[];
	/** Pages after a logout that are not on this machine's loopback interface. */
	readonly postLogoutRedirectUris?: readonly string[];
	/** @default the clock of this process */
	readonly nowMs?: () => number;
}

export async function startIssuer(options: IssuerOptions = {}): Promise<LocalIssuer> {
	const audience = 'leasehold-local';
	const { clients = [], redirectUris = [], postLogoutRedirectUris = [], nowMs = () => Date.now() } = options;
	const own = { id: audience, redirectUris, postLogoutRedirectUris, allowsOwnMachine: true };
	const shared = {
		clients: [own, ...clients],
		idTokens: await createIdTokens(nowMs),
		codes: createExpiring<NonNullable<ReturnType<IssuerContext['codes']['get']>>>(codeMs, nowMs),
		pushed: createExpiring<URLSearchParams>(pushedRequestMs, nowMs),
		sessions: createExpiring<NonNullable<ReturnType<IssuerContext['sessions']['get']>>>(sessionMs, nowMs),
		nowMs,
	};
	let issuer = '';

	const server = createServer(async (request, response) => {
		const read = await readBody(request, bodyBytesMax);
		if (read.kind === 'aborted') return;
		const body = read.kind === 'read' ? read.body.toString() : '';
		const url = URL.parse(String(request.url), issuer);
		const { method = '', headers } = request;
		const { status, ...answer } = await answerTo({ issuer, ...shared }, url?.pathname ?? '', {
			method,
			headers,
			body,
			query: url?.searchParams ?? new URLSearchParams(),
			form: new URLSearchParams(body),
		});
		response.writeHead(status, answer.headers).end(answer.body);
	});
	const listener = await listen(forOwnMachine(server, ['/authorize', '/end_session']));
	issuer = listener.url;
	const mint = (claims: Claims) => shared.idTokens.mint(issuer, audience, claims);
	return { ...listener, audience, jwksUri: `${issuer}/jwks.json`, mint };
}

const bodyBytesMax = 64 * 1024;

/** As long as a working day. */
const sessionMs = 12 * 3_600_000;

async function answerTo(context: IssuerContext, path: string, request: IssuerRequest): Promise<Answer> {
	switch (`${request.method} ${path}`) {
		case 'GET /.well-known/openid-configuration':
			return json(200, metadata(context.issuer));
		case 'GET /jwks.json':
			return json(200, context.idTokens.jwks);
		case 'GET /authorize':
		case 'POST /authorize':
			return authorize(context, request);
		case 'POST /par':
			return pushRequest(context, request);
		case 'POST /token':
			return await exchangeCode(context, request);
		case 'GET /end_session':
		case 'POST /end_session':
			return await logOut(context, request);
		case 'POST /id-tokens':
			return await mintOnRequest(context, request);
		default:
			return json(404, { error: 'not_found' });
	}
}
