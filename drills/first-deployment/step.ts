/** One check of a first deployment. It throws if the check itself could not be made. */
export interface Step {
	/** A claim about AWS, in a full sentence. */
	readonly claim: string;
	/** Why an emulator cannot show it. Absent if an emulator can. */
	readonly notOnEmulators?: string;
	check(trial: Trial): Promise<Finding | NotPossible>;
}

/** The observation, and whether the claim holds. */
export interface Finding {
	readonly holds: boolean;
	/** The observation in one line, with units. */
	readonly seen: string;
}

/** Why the claim could be neither shown nor refuted. */
export interface NotPossible {
	readonly notPossible: string;
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
	readonly account: Account;
}

/** The stack as its AWS account shows it. */
export interface Account {
	/** Asks IAM about accesses just inside and just outside of the rights of the stack's roles. */
	simulateAccess(): Promise<readonly Access[]>;
	/** The lines about calls to AWS that failed, from the logs of session server and bus. */
	failedCalls(lastMs: number): Promise<readonly FailedCall[]>;
	/** How many metrics CloudWatch has of each function. */
	metrics(): Promise<{ readonly sessionServer: number; readonly bus: number }>;
	/** Begins to restore the session table to a new one. `too-young`: nothing can be restored yet. */
	beginRestore(): Promise<'begun' | 'too-young'>;
	/** The number of items in the restored table. Absent while it is being restored. */
	restoredItems(): Promise<number | undefined>;
	/** Makes Lambda replace all environments of the session server. */
	replaceEnvironments(): Promise<void>;
}

export interface Access {
	/** Role, action and the key of the condition. */
	readonly access: string;
	/** Whether the right includes it. */
	readonly expected: boolean;
	/** Whether IAM allows it. */
	readonly allowed: boolean;
}

/** A line about a call that failed, as `functions/system/failed-calls.ts` writes it. */
export interface FailedCall {
	readonly callee: string;
	readonly operation: string;
	readonly failure: string;
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
