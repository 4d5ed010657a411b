import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import type { Region } from '../../local/region.ts';
import { createHttpClient, type HttpAnswer } from './http-client.ts';

/**
 * A session as its client knows it: the acknowledged changes, and so the answers that services must
 * give.
 */
export interface ClientSession {
	readonly token: string;
	readonly handle: string;
	/** The process that answered the login, and is therefore the owner. */
	readonly ownerProcess: string;
	readonly assuranceLevel: 1 | 2;
	/** Whether the client carries copies beside the token. */
	readonly carries: boolean;
	/** The last copy that an answer brought. The client also presents it after a logout. */
	carried: string | undefined;
	/** The last acknowledged value of the attribute `nickname`. */
	nickname: string | undefined;
	/** Later values that are not acknowledged. The attribute may have either value. */
	pendingNicknames: string[];
	/** The latest change, whether acknowledged or not. It has no end while it is in progress. */
	lastChange: { endedMs: number | undefined } | undefined;
	/** When the client began to log out. */
	logoutBegunMs: number | undefined;
	/** When the logout was acknowledged. */
	loggedOutMs: number | undefined;
}

/** Anyone who has a token, good or bad: a session token, or an ID token for a login. */
export type TokenHolder = Pick<ClientSession, 'token'> & Partial<Pick<ClientSession, 'carries' | 'carried'>>;

/** The answer to one request, with the details that drills need. */
export interface ClientAnswer extends HttpAnswer {
	readonly sentAtMs: number;
	readonly process: string | undefined;
	readonly evidence: Evidence | undefined;
}

/** Talks to a region as its clients do. */
export interface Clients {
	/** Logs in a new user. @throws if the login fails, because a drill needs its sessions */
	login(user: string, options?: LoginOptions): Promise<ClientSession>;
	/** Logs in a new user, for drills that expect a refusal. */
	tryLogin(user: string, options?: LoginOptions): Promise<ClientAnswer>;
	ask(session: TokenHolder, method: string, path: string, options?: AskOptions): Promise<ClientAnswer>;
	/** Sends a request to the control endpoint. @throws if it fails */
	control(method: string, path: string, body?: unknown): Promise<unknown>;
	/** Names of the running instances: those of one function, or all. */
	instanceNames(functionName?: string): Promise<readonly string[]>;
	close(): void;
}

export interface LoginOptions {
	/** @default 1 */
	readonly assuranceLevel?: 1 | 2;
	/** Whether the client carries copies. @default false */
	readonly carries?: boolean;
	/**
	 * Name of the process that must answer. An aid of the local region without a counterpart in
	 * Lambda.
	 */
	readonly target?: string;
}

export interface AskOptions {
	readonly body?: unknown;
	/** As for a login. */
	readonly target?: string;
}

/** The scope of every user of a drill. */
export const userScope = 'billing:read';

export function createClients(region: Region): Clients {
	const { send, close } = createHttpClient();

	async function ask(
		holder: TokenHolder,
		method: string,
		path: string,
		{ body, target }: AskOptions,
	): Promise<ClientAnswer> {
		const { token, carries, carried } = holder;
		const sentAtMs = performance.now();
		const answer = await send(method, region.url + path, {
			headers: {
				authorization: `Bearer ${token}`,
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...(target === undefined ? {} : { 'x-local-target': target }),
				...(carried === undefined ? {} : { [copyHeader]: carried }),
			},
			body,
		});
		if (carries) holder.carried = copyIn(answer) ?? carried;
		const evidence = answer.headers['x-session-evidence'];
		return {
			...answer,
			sentAtMs,
			process: String(answer.headers['x-local-process'] ?? '') || undefined,
			evidence: typeof evidence === 'string' ? (JSON.parse(evidence) as Evidence) : undefined,
		};
	}

	async function tryLogin(user: string, { assuranceLevel = 1, target }: LoginOptions = {}): Promise<ClientAnswer> {
		const idToken = await region.mint({ subject: user, scope: userScope, acr: `aal${assuranceLevel}` });
		const options = { body: { delivery: 'bearer' }, ...(target === undefined ? {} : { target }) };
		return ask({ token: idToken }, 'POST', '/v1/sessions', options);
	}

	async function control(method: string, path: string, body?: unknown): Promise<unknown> {
		const answer = await send(method, region.control + path, { body });
		if (answer.status >= 300 || answer.status === 0)
			throw new Error(`${method} ${path} on the control endpoint: ${answer.status} ${answer.body}`);
		return answer.body === '' ? undefined : JSON.parse(answer.body);
	}

	return {
		tryLogin,
		login: async (user, options = {}) => {
			const answer = await tryLogin(user, options);
			if (answer.status !== 201) throw new Error(`${user} could not log in: ${answer.status} ${answer.body}`);
			return sessionOf(answer, options);
		},
		ask: (session, method, path, options = {}) => ask(session, method, path, options),
		control,
		instanceNames: async (functionName) => {
			const instances = (await control('GET', '/instances')) as readonly { name: string; function: string }[];
			return instances
				.filter((instance) => functionName === undefined || instance.function === functionName)
				.map(({ name }) => name);
		},
		close,
	};
}

/** The session of a login that was answered 201. */
export function sessionOf(
	answer: ClientAnswer,
	{ assuranceLevel = 1, carries = false }: Pick<LoginOptions, 'assuranceLevel' | 'carries'> = {},
): ClientSession {
	const { token, session } = JSON.parse(answer.body) as { token: string; session: { handle: string } };
	return {
		token,
		handle: session.handle,
		ownerProcess: answer.process ?? '',
		assuranceLevel,
		carries,
		carried: carries ? copyIn(answer) : undefined,
		nickname: undefined,
		pendingNicknames: [],
		lastChange: undefined,
		logoutBegunMs: undefined,
		loggedOutMs: undefined,
	};
}

const copyHeader = 'leasehold-copy';

/** The copy that an answer brings. */
function copyIn({ headers }: HttpAnswer): string | undefined {
	return [headers[copyHeader]].flat()[0];
}
