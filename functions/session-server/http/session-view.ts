import { assuranceLevelAt } from '../../access/decision.ts';
import { idleExpiresAtMs } from '../../session/lifetime.ts';
import type { AttributeValue, Session, SessionId } from '../../session/session.ts';
import type { SessionSummary } from '../../session/summary.ts';
import { versionOf } from '../../session/version.ts';

/** A session as its client sees it. Times are RFC 3339, in UTC. */
export interface SessionView {
	readonly handle: string;
	readonly subject: string;
	/** The level that the session has now. */
	readonly assuranceLevel: number;
	readonly scopes: readonly string[];
	/** `null` if the issuer did not say it. */
	readonly authenticatedAt: string | null;
	readonly createdAt: string;
	readonly lastSeenAt: string;
	/** When the session ends if it is not used before. */
	readonly idleExpiresAt: string;
	readonly absoluteExpiresAt: string;
	readonly attributes: Readonly<Record<string, AttributeValue>>;
	readonly version: string;
}

/** @param visible names of the attributes that clients may read; all others are protected. */
export function viewOf(session: Session, visible: ReadonlySet<string>, nowMs: number): SessionView {
	const { credential } = session;
	return {
		handle: session.id,
		subject: session.subject,
		assuranceLevel: assuranceLevelAt(credential, nowMs),
		scopes: credential.scopes,
		authenticatedAt: authenticatedAt(credential),
		createdAt: time(session.createdAtMs),
		lastSeenAt: time(session.lastSeenAtMs),
		idleExpiresAt: time(Math.min(idleExpiresAtMs(session), session.absoluteExpiresAtMs)),
		absoluteExpiresAt: time(session.absoluteExpiresAtMs),
		attributes: visibleAttributes(session, visible),
		version: versionOf(session),
	};
}

/** One session in the list of a subject's sessions. Times are RFC 3339, in UTC. */
export interface SubjectSessionView {
	readonly handle: string;
	/** Whether it is the client's own session. */
	readonly current: boolean;
	readonly assuranceLevel: number;
	readonly authenticatedAt: string | null;
	readonly createdAt: string;
	readonly lastSeenAt: string;
	readonly idleExpiresAt: string;
	readonly absoluteExpiresAt: string;
}

export function subjectSessionView(session: SessionSummary, current: SessionId, nowMs: number): SubjectSessionView {
	return {
		handle: session.id,
		current: session.id === current,
		assuranceLevel: assuranceLevelAt(session, nowMs),
		authenticatedAt: authenticatedAt(session),
		createdAt: time(session.createdAtMs),
		lastSeenAt: time(session.lastSeenAtMs),
		idleExpiresAt: time(session.idleExpiresAtMs),
		absoluteExpiresAt: time(session.absoluteExpiresAtMs),
	};
}

function visibleAttributes(session: Session, visible: ReadonlySet<string>): Record<string, AttributeValue> {
	const attributes: Record<string, AttributeValue> = {};
	for (const [name, attribute] of Object.entries(session.attributes))
		if ('value' in attribute && visible.has(name)) attributes[name] = attribute.value;
	return attributes;
}

function authenticatedAt(of: Pick<SessionSummary, 'authenticatedAtMs' | 'authenticationTimeUnknown'>): string | null {
	return of.authenticationTimeUnknown ? null : time(of.authenticatedAtMs);
}

function time(ms: number): string {
	return new Date(ms).toISOString();
}
