import type { Operation } from '../../functions/session-server/deployment/routes.ts';
import type { ProblemCode } from '../../functions/session-server/http/problem.ts';
import type { HeaderName } from './headers.ts';
import type { ParameterName } from './parameters.ts';
import type { BodyName } from './schemas.ts';

/**
 * The needs of an operation of the API, and its answers. The tests compare every answer with this.
 */
export interface OperationContract {
	readonly tag: Tag;
	readonly needs: 'session' | 'ID token' | 'nothing';
	/** Whether it also takes the token of a session. */
	readonly takesSession?: true;
	/** The end of a sentence about the operation, in Markdown, with links from `docs/api.md`. */
	readonly does: string;
	/** Those of the query, of headers and of cookies. Those of a path belong to its route. */
	readonly parameters: readonly ParameterName[];
	readonly body?: BodyName;
	readonly answers: readonly Answer[];
	/** Besides those of every operation. */
	readonly problems: readonly ProblemCode[];
	/** The headers of its problems, besides those that their status has. */
	readonly problemHeaders?: readonly HeaderName[];
	/** Whether browsers get problems as pages. */
	readonly showsPages?: true;
	/** Whether a service may answer, with any status, header and body. */
	readonly forwards?: true;
}

/** An answer that is no problem. */
export interface Answer {
	readonly status: number;
	readonly means: string;
	/** Several, if the answer is one of them. */
	readonly body?: BodyName | readonly BodyName[];
	readonly headers?: readonly HeaderName[];
}

export const tags = {
	'The session': 'The session of the client.',
	"A subject's sessions": 'All sessions of the subject of the client.',
	'Login in a browser': 'Pages that browsers navigate to.',
	Decisions: 'Whether a session may be used for a service.',
	Operation: 'The state and the contract of the API.',
	'Other origins': 'Preflights of pages of other origins, and paths that do not exist.',
} as const;

export type Tag = keyof typeof tags;

const token = ['session_missing', 'session_malformed'] as const;

/** The request brings a token, and the session is looked for. */
const session = [
	...token,
	'session_unknown',
	'session_revoked',
	'session_expired_idle',
	'session_expired_absolute',
	'too_many_requests',
] as const satisfies readonly ProblemCode[];

const decision = [
	...session,
	'request_malformed',
	'cross_origin_refused',
	'service_forbidden',
	'step_up_required',
	'reauthentication_required',
	'service_unknown',
] as const satisfies readonly ProblemCode[];

/** The credentials of a request with a session, besides its token. */
const carried = ['copy', 'copyCookie', 'formerCookie'] as const satisfies readonly ParameterName[];

/** Proofs of the origin, of which a change by a cookie needs one. */
const proof = ['requestedWith', 'fetchSite', 'origin'] as const satisfies readonly ParameterName[];

/** Headers of an answer that may bring a copy. */
const givesCopy = ['leasehold-copy', 'set-cookie', 'x-session-evidence'] as const satisfies readonly HeaderName[];

const ofEvidence = ['x-session-evidence'] as const satisfies readonly HeaderName[];

const clearsCookie = ['set-cookie', 'x-session-evidence'] as const satisfies readonly HeaderName[];

export const contracts: Readonly<Record<Operation, OperationContract>> = {
	login: {
		tag: "A subject's sessions",
		needs: 'ID token',
		does: '[logs in](#login)',
		parameters: ['formerCookie'],
		body: 'LoginRequest',
		answers: [{ status: 201, means: 'A session begins.', body: 'Login', headers: ['leasehold-copy', 'set-cookie'] }],
		problems: [
			'request_malformed',
			'id_token_missing',
			'id_token_refused',
			'quota_exceeded',
			'body_too_large',
			'too_many_requests',
		],
	},
	listSessions: {
		tag: "A subject's sessions",
		needs: 'session',
		does: "[lists](#a-subjects-sessions) the subject's sessions",
		parameters: carried,
		answers: [{ status: 200, means: 'The sessions, newest first.', body: 'SessionList', headers: givesCopy }],
		problems: session,
	},
	endOthers: {
		tag: "A subject's sessions",
		needs: 'session',
		does: "[ends](#a-subjects-sessions) the subject's other sessions",
		parameters: [...carried, ...proof],
		answers: [
			{ status: 200, means: 'Every repository knows.', body: 'OthersEnded', headers: ofEvidence },
			{ status: 202, means: 'Some may not have ended everywhere.', body: 'OthersEnded', headers: ofEvidence },
		],
		problems: [...session, 'cross_origin_refused', 'reauthentication_required'],
	},
	endOne: {
		tag: "A subject's sessions",
		needs: 'session',
		does: "[ends](#a-subjects-sessions) one of the subject's sessions",
		parameters: [...carried, ...proof],
		answers: [
			{ status: 204, means: 'Every repository knows.', headers: clearsCookie },
			{ status: 202, means: 'A repository still has to learn of it.', body: 'EndedInPart', headers: clearsCookie },
		],
		problems: [...session, 'request_malformed', 'cross_origin_refused', 'reauthentication_required', 'handle_unknown'],
	},
	view: {
		tag: 'The session',
		needs: 'session',
		does: 'shows [the session](#the-session)',
		parameters: carried,
		answers: [{ status: 200, means: 'The session.', body: 'Session', headers: ['etag', ...givesCopy] }],
		problems: session,
	},
	update: {
		tag: 'The session',
		needs: 'session',
		does: 'changes [attributes](#the-session)',
		parameters: [...carried, ...proof, 'ifMatch'],
		body: 'UpdateRequest',
		answers: [
			{ status: 200, means: 'The session after the change.', body: 'Session', headers: ['etag', ...givesCopy] },
		],
		problems: [
			...session,
			'request_malformed',
			'cross_origin_refused',
			'version_conflict',
			'body_too_large',
			'session_too_large',
		],
	},
	logout: {
		tag: 'The session',
		needs: 'session',
		does: '[logs out](#logout)',
		parameters: [...carried, ...proof, 'confirm'],
		answers: [
			{ status: 204, means: 'Every repository knows.', headers: clearsCookie },
			{
				status: 200,
				means: 'Every repository and every live instance knows.',
				body: 'Confirmation',
				headers: clearsCookie,
			},
			{
				status: 202,
				means: 'A repository still has to learn of it, or some instances have not proved that they know.',
				body: ['EndedInPart', 'Confirmation'],
				headers: ['retry-after', ...clearsCookie],
			},
		],
		// An earlier end is a success.
		problems: [
			...token,
			'session_unknown',
			'session_expired_idle',
			'too_many_requests',
			'request_malformed',
			'cross_origin_refused',
		],
	},
	beginLogin: {
		tag: 'Login in a browser',
		needs: 'nothing',
		does: 'begins a [login in a browser](browser-login.md)',
		parameters: ['issuer', 'returnTo', 'acrValues', 'maxAge', 'persistent', 'prompt', 'purpose'],
		answers: [{ status: 303, means: 'The browser goes to the issuer.', headers: ['location', 'set-cookie'] }],
		problems: [
			'request_malformed',
			'return_to_refused',
			'login_state_invalid',
			'prefetch_refused',
			'issuer_unknown',
			'too_many_requests',
			'issuer_answer_invalid',
			'issuer_unavailable',
		],
		showsPages: true,
	},
	finishLogin: {
		tag: 'Login in a browser',
		needs: 'nothing',
		does: 'finishes a [login in a browser](browser-login.md)',
		parameters: ['state', 'code', 'iss', 'error', 'formerCookie'],
		answers: [{ status: 303, means: 'The browser has a session.', headers: ['location', 'set-cookie'] }],
		problems: [
			'request_malformed',
			'login_state_invalid',
			'id_token_refused',
			'login_refused',
			'quota_exceeded',
			'too_many_requests',
			'issuer_answer_invalid',
			'issuer_unavailable',
		],
		problemHeaders: ['set-cookie'],
		showsPages: true,
	},
	endLogin: {
		tag: 'Login in a browser',
		needs: 'nothing',
		takesSession: true,
		does: 'ends a [login in a browser](browser-login.md#logout)',
		parameters: [...carried, ...proof, 'returnTo'],
		answers: [
			{ status: 303, means: 'The browser goes to the issuer or back.', headers: ['location', ...clearsCookie] },
			{ status: 200, means: 'The same, for programs.', body: 'Location', headers: clearsCookie },
		],
		problems: [
			'request_malformed',
			'return_to_refused',
			'session_malformed',
			'cross_origin_refused',
			'too_many_requests',
		],
		showsPages: true,
	},
	authorize: {
		tag: 'Decisions',
		needs: 'session',
		does: '[decides](#authorize) whether the session may be used for a service',
		parameters: [...carried, ...proof, 'forwardedMethod', 'originalMethod'],
		answers: [
			{
				status: 204,
				means: 'The session may be used for the service.',
				headers: ['x-session-assurance', 'x-session-handle', 'x-session-scopes', 'x-session-subject', ...givesCopy],
			},
		],
		problems: decision,
	},
	forward: {
		tag: 'Decisions',
		needs: 'session',
		does: 'decides, and [forwards](#requests-to-a-service) the request to the service',
		parameters: [...carried, ...proof],
		answers: [],
		problems: [...decision, 'body_too_large', 'service_unreachable', 'service_timeout'],
		forwards: true,
	},
	serveContract: {
		tag: 'Operation',
		needs: 'nothing',
		does: 'answers with [this contract](#contract) as OpenAPI 3.1',
		parameters: [],
		answers: [{ status: 200, means: 'The document.', body: 'Contract' }],
		problems: [],
	},
	health: {
		tag: 'Operation',
		needs: 'nothing',
		does: 'says [which dependencies answer](#health)',
		parameters: [],
		answers: [{ status: 200, means: 'The instance is alive.', body: 'Health' }],
		problems: [],
	},
};
