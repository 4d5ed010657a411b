/**
 * Port: the versions of one secret. One is current, and at most one is pending. Every method throws
 * if Secrets Manager does not answer. Then Secrets Manager repeats the step.
 */
export interface SecretVersions {
	/** Whether the version `id` is current or pending. */
	standing(id: string): Promise<'current' | 'pending' | 'neither'>;
	current(): Promise<SecretVersion>;
	/** The content of the pending version `id`. `undefined`: it has none yet. */
	pending(id: string): Promise<string | undefined>;
	/** Gives the pending version `id` its content. After a repetition, it has either content. */
	putPending(id: string, text: string): Promise<void>;
	/** Makes the version `id` the current one instead of `replaced`, in one step. */
	makeCurrent(id: string, replaced: string): Promise<void>;
}

export interface SecretVersion {
	readonly id: string;
	readonly text: string;
	/** When the version became the current one, or a later time if that is not known exactly. */
	readonly currentSinceMs: number;
}
