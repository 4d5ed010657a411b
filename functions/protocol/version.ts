/**
 * The version of messages and answers. A test pins the hash of their schemas, so a change of a
 * schema must raise this number. Session server and bus are deployed one after the other, so for a
 * while each meets neighbours of the other release. See decision 50 for the changes that their
 * neighbours can read.
 *
 * - 1: create, read, recover, update, touch, revoke, health
 * - 2: receipts say how long reads took, and whether one was hedged or met an open circuit
 * - 3: receipts tell a record of a later schema and one that is too large from other failures
 * - 4: quotas, list, revokeSubject, and a subject in revoke
 * - 5: recover says that it adopted; `acknowledge` of revoke is now called `proofWanted`
 * - 6: revoke says that a tombstone is older than any copy; revokeSubject may answer `revoked`; a
 *   session may say that the time of its authentication is unknown; a login names its ID token,
 *   and can be answered `token-used`; read, recover and update say when the session was last used;
 *   create can be refused; lists and ends count the sessions that cannot be read, and
 *   say whether the index is incomplete; the bus limits the messages about one subject; a login
 *   without the subject index is another message
 * - 7: envelopes name the oldest version that can read them; what a reader does not know, it
 *   leaves out; `unsupported` answers an operation that the bus does not know; sessions are signed,
 *   messages about one session name the records of it that are forged, and inspect; every message
 *   about sessions names the hash of a token's secret; those about a subject name the session that
 *   asks instead, with the subject that is signed, and can be answered `absent`
 * - 8: receipts name the error with which a call to a repository failed
 * - 9: list and revokeSubject name the records of the asking session that are forged;
 *   found sessions come with a signed copy that clients carry; recover names the owner that was
 *   found sealed, and then lends the session before it stores a new owner; revoke no longer says
 *   that a tombstone is older than any copy
 */
export const protocolVersion = 9;

/**
 * The oldest version whose messages and answers this one understands, and whose readers understand
 * this one's. It is that of the previous release or older. Versions before 7 were never released,
 * and understood only themselves.
 */
export const oldestProtocol = 7;
