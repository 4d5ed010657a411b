import type { ServiceCatalog } from '../access/service-catalog.ts';
import type { InstanceContext } from './context.ts';
import { createFindLive, type FindLive } from './finding/find-live.ts';
import { createFindSession } from './finding/find-session.ts';
import type { NoSession } from './finding/result.ts';
import { tokenKeysUnavailable } from './identity/token-keys.ts';
import { createInstance } from './instance.ts';
import { createActivity } from './memory/activity.ts';
import type { CopiesSize } from './memory/copies.ts';
import { type Authorize, createAuthorize } from './operations/authorize.ts';
import type { OperationContext } from './operations/context.ts';
import { createHealthCheck, type Health } from './operations/health.ts';
import { createLogin, type LoginSettings } from './operations/login.ts';
import { createLogout, type Logout } from './operations/logout.ts';
import { createLoginAgain, type LoginAgain } from './operations/replace-session.ts';
import { createSubjectSessions, type EndingSettings, type SubjectSessions } from './operations/subject-sessions.ts';
import { createUpdate, type Update } from './operations/update.ts';

/** A session server that only decides, such as the authorizer. */
export interface DecidingServer {
	readonly authorize: Authorize;
	/** The size of this instance's memory. */
	copies(): CopiesSize;
}

/** One instance with all operations that clients can ask for. */
export interface SessionServer extends DecidingServer, SubjectSessions {
	readonly login: LoginAgain;
	/**
	 * Looks whether a token has the form and the MAC of one, as every operation does before all
	 * else. Returns what is wrong with it, if anything.
	 */
	verify(token: string): Promise<NoSession | undefined>;
	/** Finds the session that a token names. Does not count as activity. */
	view(token: string): ReturnType<FindLive>;
	readonly update: Update;
	readonly logout: Logout;
	/** Reports which dependencies answer. They are asked at most once a second. */
	readonly health: () => Promise<Health>;
}

export interface DecidingContext extends InstanceContext {
	readonly catalog: ServiceCatalog;
}

export interface SessionServerContext extends DecidingContext, LoginSettings, EndingSettings {}

/** No decision waits for a new carried copy, which an authorizer could not give to the client. */
export function createDecidingServer(context: DecidingContext): DecidingServer {
	const operations = createOperationContext(context);
	const authorize = createAuthorize(operations, context.catalog, { givesCopies: false });
	return { authorize, copies: operations.copies.size };
}

/** Creates the session server for Lambda, the local region and the simulation. */
export function createSessionServer(context: SessionServerContext): SessionServer {
	const operations = createOperationContext(context);
	const logout = createLogout(operations);
	const update = createUpdate(operations);
	return {
		authorize: createAuthorize(operations, context.catalog),
		copies: operations.copies.size,
		...createSubjectSessions(operations, context),
		login: createLoginAgain(operations, createLogin(operations, context), update, logout),
		verify: async (text) => {
			const token = await context.tokenKeys.read(text);
			if (token === 'malformed') return { kind: 'refused', code: 'session_malformed' };
			return token === 'unavailable' ? { kind: 'unavailable', reason: tokenKeysUnavailable } : undefined;
		},
		view: (token) => operations.findLive(token, 'bounded'),
		update,
		logout,
		health: createHealthCheck(operations),
	};
}

function createOperationContext(context: InstanceContext): OperationContext {
	const instance = createInstance(context);
	const findSession = createFindSession(instance);
	return {
		...instance,
		findSession,
		findLive: createFindLive(findSession),
		recordActivity: createActivity(instance),
	};
}
