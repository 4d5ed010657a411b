/** A setting that cannot work. It is a mistake in the configuration, not a bug. */
export class SettingError extends Error {
	/**
	 * Names of the properties that the error is about, as the construct has them. Empty if it is
	 * about all of them.
	 */
	readonly settings: readonly string[];
	/** Says what is wrong and what to choose instead. */
	readonly problem: string;

	constructor(settings: readonly string[], problem: string, cause?: unknown) {
		super([...(settings.length === 0 ? [] : [settings.join(', ')]), problem].join(': '), { cause });
		this.settings = settings;
		this.problem = problem;
	}
}
