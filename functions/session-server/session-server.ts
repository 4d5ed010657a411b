import type { SessionServerContext } from './context.ts';
import { createFindLive } from './finding/find-live.ts';
import { createFindSession } from './finding/find-session.ts';
import { type CopiesSize, createCopies } from './memory/copies.ts';
import { createSynchronizer } from './memory/synchronizer.ts';
import { createActivity } from './operations/activity.ts';
import { type Authorize, createAuthorize } from './operations/authorize.ts';
import { createHealthCheck, type Health } from './operations/health.ts';
import { createLogin, type Login } from './operations/login.ts';
import { createOwnSession, type OwnSession } from './operations/own-session.ts';
import { createOwnSubject, type OwnSubject } from './operations/subject-sessions.ts';
import type { Visit } from './request.ts';
import { createStamper } from './stamper.ts';

/** One instance: copies in memory, a lease, and the decisions it makes. */
export interface SessionServer extends OwnSession, OwnSubject {
	/** A request has arrived. */
	arrive(): Visit;
	readonly login: Login;
	readonly authorize: Authorize;
	/** Which dependencies answer; asked at most once a second. */
	readonly health: () => Promise<Health>;
	copies(): CopiesSize;
}

/** The session server, for Lambda, the local region and the simulation alike. */
export function createSessionServer(context: SessionServerContext): SessionServer {
	const copies = createCopies(context.copyBytesMax);
	const synchronizer = createSynchronizer(context, copies);
	const findSession = createFindSession(context, copies, synchronizer);
	const findLive = createFindLive(findSession);
	const recordActivity = createActivity(context, copies);
	const stampAfter = createStamper(context, synchronizer);
	return {
		...createOwnSession(context, copies, synchronizer, findSession, findLive, recordActivity, stampAfter),
		...createOwnSubject(context, copies, findLive, recordActivity, stampAfter),
		arrive: () => ({
			arrivedAt: context.clock.now(),
			sequence: synchronizer.nextSequence(),
			remoteCalls: 0,
		}),
		login: createLogin(context, copies, synchronizer),
		authorize: createAuthorize(context, findSession, recordActivity),
		health: createHealthCheck(context, synchronizer),
		copies: copies.size,
	};
}
