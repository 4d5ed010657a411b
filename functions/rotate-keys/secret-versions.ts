/**
 * Port: the versions of one secret, of which one is current and at most one pending.
 * Every method throws when Secrets Manager does not answer; then the step is repeated.
 */
export interface SecretVersions {
	/** Where the version `id` stands. */
	standing(id: string): Promise<'current' | 'pending' | 'neither'>;
	current(): Promise<SecretVersion>;
	/** The content of the pending version `id`, when it has one yet. */
	pending(id: string): Promise<string | undefined>;
	/** Gives the pending version `id` its content, once: a repetition changes nothing. */
	putPending(id: string, text: string): Promise<void>;
	/** Makes the version `id` the current one in place of `replaced`, in one step. */
	makeCurrent(id: string, replaced: string): Promise<void>;
}

export interface SecretVersion {
	readonly id: string;
	readonly text: string;
	/** Since when it has been the current one; on the late side where that is not known exactly. */
	readonly currentSinceMs: number;
}
