/** A setting that cannot work: a mistake of whoever configures, and not of the code. */
export class SettingError extends Error {
	/** The properties that it is about, in the construct's words; none where it is about all of them. */
	readonly settings: readonly string[];
	/** What is wrong, and what is needed. */
	readonly problem: string;

	constructor(settings: readonly string[], problem: string, cause?: unknown) {
		super([...(settings.length === 0 ? [] : [settings.join(', ')]), problem].join(': '), { cause });
		this.settings = settings;
		this.problem = problem;
	}
}
