import type { IncomingHttpHeaders } from 'node:http';
import type { IssuerClient } from './clients.ts';
import type { Expiring } from './expiring.ts';
import type { IdTokens } from './id-tokens.ts';
import type { IssuerSession } from './users.ts';

/** A login for which a code was issued. */
export interface CodeGrant {
	readonly client: IssuerClient;
	readonly redirectUri: string;
	readonly codeChallenge: string;
	readonly nonce: string | undefined;
	readonly session: IssuerSession;
	/** The name of the session at the issuer. */
	readonly sid: string;
}

/** The things that the endpoints of the issuer share. */
export interface IssuerContext {
	/** The issuer's address, which is the `iss` of its tokens. */
	readonly issuer: string;
	readonly clients: readonly IssuerClient[];
	readonly idTokens: IdTokens;
	readonly codes: Expiring<CodeGrant>;
	/** The parameters of pushed authorization requests (RFC 9126). */
	readonly pushed: Expiring<URLSearchParams>;
	readonly sessions: Expiring<IssuerSession>;
	nowMs(): number;
}

export interface IssuerRequest {
	readonly method: string;
	readonly query: URLSearchParams;
	/** The body as a form. */
	readonly form: URLSearchParams;
	/** The body as text. */
	readonly body: string;
	readonly headers: IncomingHttpHeaders;
}

/**
 * Cookies know no ports: every server of this machine sees this one. So its name says whose it is,
 * and it means nothing to the others.
 */
const cookieName = 'leasehold-local-issuer';

/** The session's name in the cookie, and the session. */
export function currentSession(
	{ sessions }: IssuerContext,
	{ headers }: IssuerRequest,
): { readonly sid: string; readonly session: IssuerSession } | undefined {
	for (const pair of (headers.cookie ?? '').split(/; */)) {
		const [name, sid = ''] = pair.split('=', 2);
		const session = name === cookieName ? sessions.get(sid) : undefined;
		if (session !== undefined) return { sid, session };
	}
	return undefined;
}

/** Begins a session, in place of the one that the browser has. */
export function beginSession(
	context: IssuerContext,
	request: IssuerRequest,
	session: IssuerSession,
): { readonly sid: string; readonly headers: Readonly<Record<string, string>> } {
	endSession(context, request);
	const sid = context.sessions.add(session);
	return { sid, headers: { 'set-cookie': `${cookieName}=${sid}; HttpOnly; Path=/; SameSite=Lax` } };
}

/** @returns the headers that make the browser delete the cookie */
export function endSession(context: IssuerContext, request: IssuerRequest): Readonly<Record<string, string>> {
	const current = currentSession(context, request);
	if (current !== undefined) context.sessions.take(current.sid);
	return { 'set-cookie': `${cookieName}=; HttpOnly; Path=/; SameSite=Lax; Max-Age=0` };
}
