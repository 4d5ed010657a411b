/** The outcome of a call to a repository that failed. */
export interface Failed {
	readonly kind: 'failed';
	/**
	 * - `unavailable`: the store did not answer, throttled the call, or refused too many
	 *   conflicting writes.
	 * - `corrupt`: no version of Leasehold can read the stored record as a session, or could read the
	 *   one that was to be stored.
	 * - `unknown-schema`: a later version of Leasehold wrote the record.
	 * - `circuit-open`: the store was not asked, because it failed too often just before.
	 */
	readonly reason: 'unavailable' | 'corrupt' | 'unknown-schema' | 'circuit-open';
	readonly cause: unknown;
}
