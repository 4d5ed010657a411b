import type { Stamp } from './stamp.ts';

/** A session's public, non-secret id (its handle): 16 random bytes in base64url. */
export type SessionId = string & { readonly brand: 'SessionId' };

/** The random name of one session server's life: 12 random bytes in base64url. */
export type InstanceId = string & { readonly brand: 'InstanceId' };

/** SHA-256 of a token's secret, in base64url. The secret itself is stored nowhere. */
export type SecretHash = string & { readonly brand: 'SecretHash' };

/** NIST SP 800-63B-4 authentication assurance level. */
export type AssuranceLevel = 1 | 2 | 3;

export type AttributeValue = string | number | boolean;

/**
 * One attribute, a last-writer-wins register. A deleted one keeps its stamp, so that an older write
 * cannot revive it.
 */
export type Attribute =
	| { readonly stamp: Stamp; readonly value: AttributeValue }
	| { readonly stamp: Stamp; readonly deleted: true };

/**
 * The secret that the token proves, and how the subject has proved their identity. All of it
 * changes together, and only with a new token. So it is one register in which the highest
 * generation wins.
 */
export interface Credential {
	readonly generation: number;
	readonly secretHash: SecretHash;
	/** The hash of the secret before, which is accepted until `graceUntilMs`. */
	readonly previousSecretHash?: SecretHash;
	readonly graceUntilMs?: number;
	readonly assuranceLevel: AssuranceLevel;
	/**
	 * When the subject last proved their identity. If that is unknown: when the issuer made the ID
	 * token, which was not earlier.
	 */
	readonly authenticatedAtMs: number;
	/** Present if the issuer did not say when the subject proved their identity. */
	readonly authenticationTimeUnknown?: true;
	readonly scopes: readonly string[];
	/**
	 * Proves that a session server decided this, together with the session's id, subject and limits.
	 * Bus and repositories only carry it. A session of an earlier version has none.
	 */
	readonly signature?: string;
}

/**
 * The instance accountable for the session. An epoch belongs to one instance, and epochs never go
 * back (I3).
 */
export interface Ownership {
	readonly epoch: number;
	readonly instanceId: InstanceId;
}

export interface Revocation {
	readonly atMs: number;
	readonly reason: RevocationReason;
}

export type RevocationReason = 'logout' | 'administration' | 'quota';

/** A change that its author made on condition that the session had the version `over`. */
export interface ConditionalChange {
	readonly over: string;
	readonly stamp: Stamp;
}

/**
 * A session. Sessions form a join-semilattice with the join `merge`, and repositories are replicas
 * of it. A session is frozen: a change makes a new object.
 */
export interface Session {
	readonly schema: 1;
	readonly id: SessionId;
	readonly subject: string;
	readonly createdAtMs: number;
	readonly absoluteExpiresAtMs: number;
	readonly idleTimeoutMs: number;
	/**
	 * The latest reported activity. It may be behind the real one by the touch interval, but never
	 * ahead (I7).
	 */
	readonly lastSeenAtMs: number;
	readonly credential: Credential;
	readonly owner: Ownership;
	readonly attributes: Readonly<Record<string, Attribute>>;
	/** The latest of them, in the order of their stamps. Absent if there were none. */
	readonly conditionalChanges?: readonly ConditionalChange[];
	/**
	 * Present in a stub: the session may have attributes that this record lacks. A stub leaves the
	 * bus only as a carried copy, and the bus never relies on it alone.
	 */
	readonly partial?: true;
	/** Present in a tombstone, which has no attributes. */
	readonly revocation?: Revocation;
}
