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

/** One attribute as a last-writer-wins register; a deleted one stays as its stamp, or an older write would revive it. */
export type Attribute =
	| { readonly stamp: Stamp; readonly value: AttributeValue }
	| { readonly stamp: Stamp; readonly deleted: true };

/**
 * What the token proves and how the subject proved it. Everything here changes together, and only with a new token, so
 * one register whose highest generation wins holds it.
 */
export interface Credential {
	readonly generation: number;
	readonly secretHash: SecretHash;
	/** The secret that this one replaced, accepted until `graceUntilMs`. */
	readonly previousSecretHash?: SecretHash;
	readonly graceUntilMs?: number;
	readonly assuranceLevel: AssuranceLevel;
	readonly authenticatedAtMs: number;
	readonly scopes: readonly string[];
}

/** The instance accountable for the session. An epoch belongs to one instance, and epochs never go back (I3). */
export interface Ownership {
	readonly epoch: number;
	readonly instanceId: InstanceId;
}

export interface Revocation {
	readonly atMs: number;
	readonly reason: RevocationReason;
}

export type RevocationReason = 'logout' | 'administration' | 'quota';

/**
 * A session: an element of a join-semilattice whose join is `merge`. Repositories are replicas of it.
 * Frozen, and never changed in place: a change makes a new one.
 */
export interface Session {
	readonly schema: 1;
	readonly id: SessionId;
	readonly subject: string;
	readonly createdAtMs: number;
	readonly absoluteExpiresAtMs: number;
	readonly idleTimeoutMs: number;
	/** The latest activity that was reported; may be behind the truth by the touch interval, never ahead of it (I7). */
	readonly lastSeenAtMs: number;
	readonly credential: Credential;
	readonly owner: Ownership;
	readonly attributes: Readonly<Record<string, Attribute>>;
	/** In a stub: there may be attributes that this record does not have. It never leaves the bus, and is never believed alone. */
	readonly partial?: true;
	/** Present in a tombstone, whose attributes are gone. */
	readonly revocation?: Revocation;
}
