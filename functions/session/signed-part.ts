import { hash } from 'node:crypto';
import type { RepositoryName } from './repository-name.ts';
import type { Session } from './session.ts';

/*
 * The part of a session that session servers sign: what a login decided. Everything that a decision
 * about identity and assurance rests on is in it. Activity, owner, attributes and revocation are
 * not. They change without a login, and merges join them one by one.
 */

/**
 * The signed part as text. Two sessions have the same text only if they have the same signed part,
 * because a JSON array can be read in one way only.
 */
export function signedTextOf({ credential, ...session }: Session): string {
	return JSON.stringify([
		session.id,
		session.subject,
		session.createdAtMs,
		session.absoluteExpiresAtMs,
		session.idleTimeoutMs,
		credential.generation,
		credential.secretHash,
		credential.previousSecretHash ?? null,
		credential.graceUntilMs ?? null,
		credential.assuranceLevel,
		credential.authenticatedAtMs,
		credential.authenticationTimeUnknown ?? false,
		credential.scopes,
	]);
}

/** A record that a session server found forged. */
export interface ForgedRecord {
	readonly repository: RepositoryName;
	/** Of the record that was found there. Another record there is not meant. */
	readonly fingerprint: string;
}

/** Names the signed part of a record and its signature: SHA-256 in base64url. */
export function fingerprintOf(session: Session): string {
	return hash('sha256', `${session.credential.signature ?? ''} ${signedTextOf(session)}`, 'base64url');
}

/** Whether `session`, read from `repository`, is one of the forged records. */
export function isForged(
	forged: readonly ForgedRecord[] | undefined,
	repository: RepositoryName,
	session: Session,
): boolean {
	const named = forged?.filter((record) => record.repository === repository) ?? [];
	if (named.length === 0) return false;
	const fingerprint = fingerprintOf(session);
	return named.some((record) => record.fingerprint === fingerprint);
}

/**
 * Whether two records of one session say different things about its login. No login makes two such
 * records, so one of them is forged. Only a session server can tell which.
 */
export function contradict(a: Session, b: Session): boolean {
	if (a === b) return false;
	return a.credential.signature !== b.credential.signature || signedTextOf(a) !== signedTextOf(b);
}

/**
 * Whether the join of two records would say what no login did. A tombstone allows nothing, so its
 * join with any record does no harm.
 */
export function joinIsForged(a: Session, b: Session): boolean {
	return a.revocation === undefined && b.revocation === undefined && contradict(a, b);
}

/** Whether one of these records of a session is forged. */
export function contradictEachOther([first, ...others]: readonly Session[]): boolean {
	return first !== undefined && others.some((other) => joinIsForged(first, other));
}
