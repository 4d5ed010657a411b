import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import type { Region } from '../../local/region.ts';
import { createHttpClient, type HttpAnswer } from './http-client.ts';

/** A session as its client knows it: what was acknowledged, and what the services must therefore answer. */
export interface ClientSession {
	readonly token: string;
	readonly handle: string;
	/** The process that answered the login, and so the owner. */
	readonly ownerProcess: string;
	readonly assuranceLevel: 1 | 2;
	/** The last attribute change that was acknowledged. */
	note: string | undefined;
	/** Changes that were not acknowledged, or not yet: either value is right. */
	pendingNotes: string[];
	/** The latest change, whatever came of it; it has no end while it is under way. */
	lastChange: { endedMs: number | undefined } | undefined;
	/** When the client began to log out, and when that was acknowledged. */
	logoutBegunMs: number | undefined;
	loggedOutMs: number | undefined;
}

/** One request's answer as a drill sees it. */
export interface Answered extends HttpAnswer {
	readonly sentAtMs: number;
	readonly process: string | undefined;
	readonly evidence: Evidence | undefined;
}

/** Talks to a region as its clients do. */
export interface Clients {
	/** Logs in a new user; throws when that fails, since there is no drill without sessions. */
	login(user: string, options?: LoginOptions): Promise<ClientSession>;
	/** The same for a drill that expects to be turned away. */
	tryLogin(user: string, options?: LoginOptions): Promise<Answered>;
	ask(session: ClientSession, method: string, path: string, options?: AskOptions): Promise<Answered>;
	control(method: string, path: string, body?: unknown): Promise<unknown>;
	close(): void;
}

export interface LoginOptions {
	readonly assuranceLevel?: 1 | 2;
	/** The process that is to answer: an aid of the local region, which Lambda does not have. */
	readonly target?: string;
}

export interface AskOptions {
	readonly body?: unknown;
	/** As for a login. */
	readonly target?: string;
}

export function createClients(region: Region): Clients {
	const { send, close } = createHttpClient();

	async function ask(token: string, method: string, path: string, { body, target }: AskOptions): Promise<Answered> {
		const sentAtMs = performance.now();
		const answer = await send(method, region.url + path, {
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...(target === undefined ? {} : { 'x-local-target': target }),
			},
			body,
		});
		const evidence = answer.headers['x-session-evidence'];
		return {
			...answer,
			sentAtMs,
			process: String(answer.headers['x-local-process'] ?? '') || undefined,
			evidence: typeof evidence === 'string' ? (JSON.parse(evidence) as Evidence) : undefined,
		};
	}

	async function tryLogin(user: string, { assuranceLevel = 1, target }: LoginOptions = {}): Promise<Answered> {
		const idToken = await region.mint({ subject: user, scope: 'billing:read', acr: `aal${assuranceLevel}` });
		const options = { body: { delivery: 'bearer' }, ...(target === undefined ? {} : { target }) };
		return ask(idToken, 'POST', '/v1/sessions', options);
	}

	return {
		tryLogin,
		login: async (user, options = {}) => {
			const answer = await tryLogin(user, options);
			if (answer.status !== 201) throw new Error(`${user} could not log in: ${answer.status} ${answer.body}`);
			const { token, session } = JSON.parse(answer.body) as { token: string; session: { handle: string } };
			return {
				token,
				handle: session.handle,
				ownerProcess: answer.process ?? '',
				assuranceLevel: options.assuranceLevel ?? 1,
				note: undefined,
				pendingNotes: [],
				lastChange: undefined,
				logoutBegunMs: undefined,
				loggedOutMs: undefined,
			};
		},
		ask: (session, method, path, options = {}) => ask(session.token, method, path, options),
		control: async (method, path, body) => {
			const answer = await send(method, region.control + path, { body });
			if (answer.status >= 300 || answer.status === 0)
				throw new Error(`${method} ${path} on the control route: ${answer.status} ${answer.body}`);
			return answer.body === '' ? undefined : JSON.parse(answer.body);
		},
		close,
	};
}
