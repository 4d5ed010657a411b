import { assuranceLevelAt, assuranceTimes } from '../../access/decision.ts';
import type { Keyring } from '../../access/keyring.ts';
import type { Quota } from '../../access/quota.ts';
import { signed } from '../../access/signature.ts';
import { issueToken, secretBytes, tokenDigest } from '../../access/token.ts';
import type { MessageOf } from '../../protocol/messages.ts';
import { instanceIdBytes, instanceIdOf, sessionIdBytes } from '../../session/ids.ts';
import { noAttributes } from '../../session/merge.ts';
import type {
	AssuranceLevel,
	Attribute,
	AttributeValue,
	InstanceId,
	Session,
	SessionId,
} from '../../session/session.ts';
import { elapsedMs } from '../../system/clock.ts';
import { busWaitMaxMs } from '../../system/time-budget.ts';
import type { Timeouts } from '../deployment/timeouts.ts';
import type { Limited } from '../finding/result.ts';
import { tokenKeysUnavailable } from '../identity/token-keys.ts';
import type { Instance } from '../instance.ts';
import { lastedMs, type Request } from '../request.ts';

/** The identity for which an issuer vouches. */
export interface Identity {
	readonly subject: string;
	readonly scopes: readonly string[];
	readonly assuranceLevel: AssuranceLevel;
	/** In milliseconds since 1970. If it is unknown: when the ID token was made. */
	readonly authenticatedAtMs: number;
	readonly authenticationTimeUnknown?: true;
	/** The attributes that the session begins with. */
	readonly attributes?: Readonly<Record<string, AttributeValue>>;
	/** How long its session lasts. @default the limits of the level */
	readonly timeouts?: Timeouts;
	/** Present if the ID token logs in only once. */
	readonly idToken?: MessageOf<'create'>['idToken'];
}

export type LoggedIn =
	| {
			readonly kind: 'established';
			readonly session: Session;
			readonly token: string;
			/** A carried copy, for the client to present beside the token. */
			readonly carried?: string;
	  }
	/** A session with this authentication would have expired. */
	| { readonly kind: 'authentication-too-old' }
	/** Another session began with the ID token. */
	| { readonly kind: 'token-used' }
	/** The subject has reached its quota. */
	| { readonly kind: 'quota-exceeded'; readonly max: number }
	| Limited
	| { readonly kind: 'unavailable'; readonly reason: string };

export type Login = (identity: Identity) => Promise<LoggedIn>;

/** The settings of new sessions. */
export interface LoginSettings {
	/** The limits of the level. No session lasts longer. */
	readonly timeouts: Timeouts;
	/** The most sessions that a subject may have at once, and the action beyond that. */
	readonly quota: Quota;
}

/**
 * The level and the limits of a new session. The limit of its age counts from the authentication. A
 * session of level 3 has the limits of that level where they are shorter, so that its level lasts
 * as long as the session.
 *
 * @param timeouts the limits of the level, which count also if the identity has longer ones
 */
export function limitsOf(
	identity: Pick<Identity, 'assuranceLevel' | 'authenticatedAtMs' | 'timeouts'>,
	timeouts: Timeouts,
	nowMs: number,
): Pick<Session, 'absoluteExpiresAtMs' | 'idleTimeoutMs'> & Pick<Identity, 'assuranceLevel'> {
	const assuranceLevel = assuranceLevelAt(identity, nowMs);
	const most = assuranceLevel === 3 ? assuranceTimes[3] : timeouts;
	const own = identity.timeouts ?? timeouts;
	const absoluteMs = Math.min(own.absoluteMs, timeouts.absoluteMs, most.absoluteMs);
	return {
		assuranceLevel,
		absoluteExpiresAtMs: Math.min(identity.authenticatedAtMs, nowMs) + absoluteMs,
		idleTimeoutMs: Math.min(own.idleMs, timeouts.idleMs, most.idleMs),
	};
}

/**
 * Creates the operation that establishes a session. This instance owns the session and holds a
 * copy.
 */
export function createLogin(instance: Instance, { timeouts, quota }: LoginSettings): Login {
	const { askBus, clock, copies, randomBytes, stampAfter, synchronizer, tokenKeys } = instance;

	/**
	 * The owner of a new session. If this instance has no lease, the owner is an id that no instance
	 * has, and the session is adopted at its next load. Its own id would do harm: other instances
	 * would remember the missing lease as sealed, and then the lease might appear.
	 */
	function ownerAtLogin(): InstanceId {
		return synchronizer.holdsLease(clock.now())
			? synchronizer.instanceId()
			: instanceIdOf(randomBytes(instanceIdBytes));
	}

	/** The attributes of a new session. They have one stamp, as those of one change. */
	function firstAttributes({ attributes = {} }: Identity): Session['attributes'] {
		const values = Object.entries(attributes);
		if (values.length === 0) return noAttributes;
		const stamp = stampAfter([]);
		return Object.freeze(
			Object.fromEntries(values.map(([name, value]): [string, Attribute] => [name, { stamp, value }])),
		);
	}

	/**
	 * Establishes a new session. `ended`: it was ended before, because somebody ended all of the
	 * subject's sessions at this moment. `index-unavailable`: another session may begin without the
	 * index.
	 */
	async function establish(
		request: Request,
		keyring: Keyring,
		identity: Identity,
		{ retryOf, withoutIndex }: Retry,
	): Promise<LoggedIn | { readonly kind: 'ended'; readonly id: SessionId } | { readonly kind: 'index-unavailable' }> {
		const idBytes = randomBytes(sessionIdBytes);
		const secret = randomBytes(secretBytes);
		const owner = ownerAtLogin();
		const now = clock.now();
		const { assuranceLevel, absoluteExpiresAtMs, idleTimeoutMs } = limitsOf(identity, timeouts, now.wallMs);
		if (now.wallMs >= absoluteExpiresAtMs) return { kind: 'authentication-too-old' };
		const { text, token } = issueToken(keyring, idBytes, secret, owner, absoluteExpiresAtMs);
		const session = signed(keyring, {
			schema: 1,
			id: token.sessionId,
			subject: identity.subject,
			createdAtMs: now.wallMs,
			absoluteExpiresAtMs,
			idleTimeoutMs,
			lastSeenAtMs: now.wallMs,
			credential: {
				generation: 1,
				secretHash: token.secretHash,
				assuranceLevel,
				authenticatedAtMs: identity.authenticatedAtMs,
				...(identity.authenticationTimeUnknown && { authenticationTimeUnknown: true }),
				scopes: Object.freeze([...identity.scopes]),
			},
			owner: Object.freeze({ epoch: 1, instanceId: owner }),
			attributes: firstAttributes(identity),
		});
		const idToken = identity.idToken && { ...identity.idToken, ...(retryOf && { retryOf }) };
		const mayKeep = synchronizer.learnsOfChanges();
		const load = copies.beginLoad(session.id, now);
		const answer = await askBus(request, 'create', {
			session,
			quota,
			...(idToken && { idToken }),
			...(withoutIndex && { withoutIndex }),
		});
		if (answer.kind !== 'found') {
			copies.abandon(load);
			if (answer.kind === 'refused') {
				// After a freeze of a minute, the bus does not take the session for a new one.
				if (elapsedMs(now, clock.now()) > busWaitMaxMs) return notInTime;
				// A bug, or a clock that is minutes off. This instance would be refused again.
				throw new Error(`the bus refused a new session: ${answer.problem}`);
			}
			if (answer.kind === 'quota-exceeded' || answer.kind === 'token-used' || answer.kind === 'limited') return answer;
			if (answer.kind === 'index-unavailable') return answer;
			return answer.kind === 'revoked'
				? { kind: 'ended', id: session.id }
				: { kind: 'unavailable', reason: answer.reason };
		}
		if (mayKeep && copies.insert(load, answer.session)) copies.accept(session.id, tokenDigest(text), token.secretHash);
		else copies.abandon(load);
		const { carried } = answer;
		return { kind: 'established', session: answer.session, token: text, ...(carried !== undefined && { carried }) };
	}

	return async (identity) => {
		const request = synchronizer.arrive();
		if (!synchronizer.holdsLease(clock.now())) await synchronizer.bringUpToDate(request, 'bounded');
		const keyring = await tokenKeys.forSigning();
		if (keyring === 'unavailable') return { kind: 'unavailable', reason: tokenKeysUnavailable };
		let retry: Retry = {};
		for (let attempt = 0; attempt < loginAttemptsMax; attempt++) {
			if (attempt > 0 && lastedMs(request, clock.now()) > busWaitMaxMs) break;
			const loggedIn = await establish(request, keyring, identity, retry);
			if (loggedIn.kind === 'ended') retry = { ...retry, retryOf: loggedIn.id };
			else if (loggedIn.kind === 'index-unavailable') retry = { ...retry, withoutIndex: true };
			else return loggedIn;
		}
		return notInTime;
	};
}

const notInTime = { kind: 'unavailable', reason: 'the session was not established in time' } as const;

interface Retry {
	/** The session of this login that was ended, which has the ID token. */
	readonly retryOf?: SessionId;
	/** The index was unavailable. */
	readonly withoutIndex?: true;
}

/**
 * A second session comes after the end of all sessions that met the first one. If the index is
 * unavailable for either, one more begins without it.
 */
const loginAttemptsMax = 3;
