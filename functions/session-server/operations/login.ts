import { issueToken, secretBytes, tokenDigest } from '../../access/token.ts';
import { instanceIdBytes, instanceIdOf, sessionIdBytes } from '../../session/ids.ts';
import type { AssuranceLevel, InstanceId, Session } from '../../session/session.ts';
import type { SessionServerContext } from '../context.ts';
import { tokenKeysUnavailable } from '../identity/token-keys.ts';
import type { Copies } from '../memory/copies.ts';
import type { Synchronizer } from '../memory/synchronizer.ts';
import type { Visit } from '../request.ts';

/** Who logs in, as an issuer vouches for them. */
export interface Identity {
	readonly subject: string;
	readonly scopes: readonly string[];
	readonly assuranceLevel: AssuranceLevel;
	readonly authenticatedAtMs: number;
}

export type LoggedIn =
	| { readonly kind: 'established'; readonly session: Session; readonly token: string }
	/** The subject has as many sessions as it may have. */
	| { readonly kind: 'quota-exceeded'; readonly max: number }
	| { readonly kind: 'unavailable'; readonly reason: string };

export type Login = (visit: Visit, identity: Identity) => Promise<LoggedIn>;

/** Establishes a session: owned by this instance, kept in the repositories, held in memory. */
export function createLogin(context: SessionServerContext, copies: Copies, synchronizer: Synchronizer): Login {
	/**
	 * Without a lease, the session gets an owner that is nobody, and is adopted at its next load. This instance's own id would
	 * do harm: others would take its missing lease for a sealed one for ever, and then it might appear.
	 */
	function ownerAtLogin(): InstanceId {
		return synchronizer.holdsLease(context.clock.now())
			? synchronizer.instanceId()
			: instanceIdOf(context.randomBytes(instanceIdBytes));
	}

	return async (visit, identity) => {
		if (!synchronizer.holdsLease(context.clock.now())) await synchronizer.bringUpToDate(visit, 'bounded');
		const keyring = await context.tokenKeys.forSigning();
		if (keyring === 'unavailable') return { kind: 'unavailable', reason: tokenKeysUnavailable };
		const idBytes = context.randomBytes(sessionIdBytes);
		const secret = context.randomBytes(secretBytes);
		const owner = ownerAtLogin();
		const { text, token } = issueToken(keyring, idBytes, secret, owner);
		const now = context.clock.now();
		const session: Session = Object.freeze({
			schema: 1,
			id: token.sessionId,
			subject: identity.subject,
			createdAtMs: now.wallMs,
			absoluteExpiresAtMs: now.wallMs + context.timeouts.absoluteMs,
			idleTimeoutMs: context.timeouts.idleMs,
			lastSeenAtMs: now.wallMs,
			credential: Object.freeze({
				generation: 1,
				secretHash: token.secretHash,
				assuranceLevel: identity.assuranceLevel,
				authenticatedAtMs: identity.authenticatedAtMs,
				scopes: Object.freeze([...identity.scopes]),
			}),
			owner: Object.freeze({ epoch: 1, instanceId: owner }),
			attributes: Object.freeze({}),
		});
		const load = copies.beginLoad(session.id, now);
		visit.remoteCalls++;
		const answer = await context.askBus({ operation: 'create', session, quota: context.quota });
		if (answer.kind !== 'found') {
			copies.abandon(load);
			if (answer.kind === 'quota-exceeded') return answer;
			return {
				kind: 'unavailable',
				reason: answer.kind === 'unavailable' ? answer.reason : 'the session was not kept',
			};
		}
		if (Number.isFinite(synchronizer.sinceSyncMs(context.clock.now())) && copies.insert(load, answer.session))
			copies.accept(session.id, tokenDigest(text), token.secretHash);
		else copies.abandon(load);
		return { kind: 'established', session: answer.session, token: text };
	};
}
