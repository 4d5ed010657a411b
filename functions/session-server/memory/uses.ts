import { withActivity } from '../../session/lifetime.ts';
import type { SecretHash, Session, SessionId } from '../../session/session.ts';

/** The use of a session that this instance has seen and the repositories may not know. */
export interface Use {
	/** The repositories know the use until here, and possibly later use. */
	reportedMs: number;
	/** The first and the last use after that. */
	firstMs: number;
	lastMs: number;
	readonly idleTimeoutMs: number;
	/** Of the token that the client presented last. */
	secretHash: SecretHash;
}

/** A session and the hash of the secret in the token that the client presented. */
export interface Used {
	readonly session: Session;
	readonly secretHash: SecretHash;
}

/**
 * The use of sessions that this instance knows of and the bus may not. It outlasts the copies: a
 * copy that leaves memory, for whatever reason, takes no use along. It travels with the next
 * message about the session.
 */
export interface Uses {
	/** The session was used at `atMs`. Undefined if the repositories know of later use. */
	add(used: Used, atMs: number): Use | undefined;
	/** The fields of a report, if there is use to report. */
	toReport(sessionId: SessionId): { readonly seenAtMs: number; readonly secretHash: SecretHash } | undefined;
	/** The field that a message about the session carries. */
	carried(sessionId: SessionId): { readonly seenAtMs?: number };
	/** `session` from the bus, with everything that this instance knows of its use. */
	join(session: Session): Session;
	/** The repositories know the use until `reportedMs`. */
	reported(sessionId: SessionId, reportedMs: number): void;
	/** The bus says that the session has ended. */
	forget(sessionId: SessionId): void;
	/**
	 * If more than `usesMax` are known, the one that waits longest. It should be reported now: of
	 * twice as many, the oldest is forgotten.
	 */
	tooMany(): SessionId | undefined;
}

/** More than the copies of an instance. Each takes some 200 bytes. */
const usesMax = 20_000;

export function createUses(): Uses {
	const uses = new Map<SessionId, Use>();

	return {
		add: ({ session, secretHash }, atMs) => {
			const use = uses.get(session.id);
			if (use !== undefined) {
				use.secretHash = secretHash;
				if (atMs > use.lastMs) use.lastMs = atMs;
				return use;
			}
			if (atMs <= session.lastSeenAtMs) return undefined;
			const { id, lastSeenAtMs: reportedMs, idleTimeoutMs } = session;
			const first = { reportedMs, firstMs: atMs, lastMs: atMs, idleTimeoutMs, secretHash };
			uses.set(id, first);
			const [oldest] = uses.size > 2 * usesMax ? uses.keys() : [];
			if (oldest !== undefined) uses.delete(oldest);
			return first;
		},
		toReport: (sessionId) => {
			const use = uses.get(sessionId);
			return use && { seenAtMs: nextReportMs(use), secretHash: use.secretHash };
		},
		carried: (sessionId) => {
			const use = uses.get(sessionId);
			return use === undefined ? {} : { seenAtMs: nextReportMs(use) };
		},
		join: (session) => {
			const use = uses.get(session.id);
			return use === undefined ? session : withActivity(withActivity(session, use.firstMs), use.lastMs);
		},
		reported: (sessionId, reportedMs) => {
			const use = uses.get(sessionId);
			if (use === undefined || reportedMs <= use.reportedMs) return;
			use.reportedMs = reportedMs;
			if (reportedMs >= use.lastMs) uses.delete(sessionId);
			else if (reportedMs >= use.firstMs) use.firstMs = use.lastMs;
		},
		forget: (sessionId) => {
			uses.delete(sessionId);
		},
		tooMany: () => {
			if (uses.size <= usesMax) return undefined;
			const [oldest] = uses.keys();
			return oldest;
		},
	};
}

/**
 * The bus does not believe use after the idle expiry that it knows. So if reports failed for long,
 * the first use is reported before the last.
 */
function nextReportMs({ reportedMs, firstMs, lastMs, idleTimeoutMs }: Use): number {
	return lastMs < reportedMs + idleTimeoutMs ? lastMs : firstMs;
}
