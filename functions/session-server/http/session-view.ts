import type { InferOutput } from 'valibot';
import { assuranceLevelAt } from '../../access/decision.ts';
import { idleExpiresAtMs } from '../../session/lifetime.ts';
import type { AttributeValue, Session, SessionId } from '../../session/session.ts';
import type { SessionSummary } from '../../session/summary.ts';
import { versionOf } from '../../session/version.ts';
import type { listedSessionSchema, sessionSchema } from './contract/answer-schemas.ts';

/** A session as its client sees it. */
export type SessionView = Readonly<InferOutput<typeof sessionSchema>>;

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

/** One session in the list of a subject's sessions. */
export type SubjectSessionView = Readonly<InferOutput<typeof listedSessionSchema>>;

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
