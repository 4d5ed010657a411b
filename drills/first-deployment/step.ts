/** One check of a first deployment. It throws if the check itself could not be made. */
export interface Step {
	/** A claim about AWS, in a full sentence. */
	readonly claim: string;
	/** Why an emulator cannot show it. Absent if an emulator can. */
	readonly notOnEmulators?: string;
	check(trial: Trial): Promise<Finding>;
}

/** The observation, and whether the claim holds. */
export interface Finding {
	readonly holds: boolean;
	/** The observation in one line, with units. */
	readonly seen: string;
}

/** The deployment that is tried, and the outside world. */
export interface Trial {
	/** Whether an emulator plays AWS. */
	readonly emulated: boolean;
	/** @param path begins with `/` */
	call(method: string, path: string, token?: string): Promise<Answer>;
	/** Logs in. @returns the session token */
	login(): Promise<string>;
	/** A service that the session of `login` may use. */
	readonly service: string;
	wait(ms: number): Promise<void>;
	/** Milliseconds of a clock that never goes back. */
	now(): number;
	/** Begins a rotation of the token keys. */
	beginRotation(): Promise<void>;
	/** Whether the begun rotation has replaced the current keys. */
	rotated(): Promise<boolean>;
	/** Runs the end-to-end tests. */
	endToEnd(): Promise<Finding>;
}

export interface Answer {
	readonly status: number;
	readonly headers: Headers;
	readonly body: Readonly<Record<string, unknown>>;
}

/** The outcome of a step. Only `holds` counts as passed. */
export type Outcome =
	| { readonly kind: 'holds' | 'differs'; readonly seen: string }
	| { readonly kind: 'failed' | 'not-possible-here' | 'not-reached'; readonly why: string };

export interface Result {
	readonly claim: string;
	readonly outcome: Outcome;
}
