/**
 * The version of messages and answers. A test pins the hash of their schemas, so a change of a
 * schema must raise this number. Session server and bus are deployed one after the other. Until
 * both have the same version, each refuses what the other sends, and requests that need the bus are
 * `unavailable`.
 *
 * - 1: create, read, recover, update, touch, revoke, health
 * - 2: receipts say how long reads took, and whether one was hedged or met an open circuit
 * - 3: receipts tell a record of a later schema and one that is too large from other failures
 * - 4: quotas, list, revokeSubject, and a subject in revoke
 * - 5: recover says that it adopted; `acknowledge` of revoke is now called `proofWanted`
 * - 6: revoke says that a tombstone is older than any copy; revokeSubject may answer `revoked`; a
 *   session may say that the time of its authentication is unknown; a login names its ID token,
 *   and can be answered `token-used`; read, recover and update say when the session was last used;
 *   create can be refused; lists and ends count the sessions that cannot be read; the bus
 *   limits the messages about one subject; a login without the subject index is another message
 */
export const protocolVersion = 6;
