import { type CommandLine, OptionError, readOptions, refusePositionals } from '../../local/cli/options.ts';

/** The options of `npm run contract`. */
export interface ContractOptions {
	/** Names of the engines to run on. */
	readonly names: readonly string[];
	/** Names of the engines that must not be missing. */
	readonly required: readonly string[];
	readonly json: boolean;
}

/** @param known the names of all engines, in the order in which they run */
export function parseCommandLine(args: readonly string[], known: readonly string[]): CommandLine<ContractOptions> {
	return readOptions(
		args,
		{ only: { type: 'string' }, require: { type: 'string' }, json: { type: 'boolean', default: false } },
		(values, positionals) => {
			refusePositionals(positionals);
			const only = listOf(values.only) ?? known;
			const required = listOf(values.require) ?? [];
			const unknown = [...only, ...required].find((name) => !known.includes(name));
			if (unknown !== undefined) throw new OptionError(`there is no engine "${unknown}"`);
			const left = required.find((name) => !only.includes(name));
			if (left !== undefined) throw new OptionError(`--only leaves out "${left}", but --require needs it`);
			return { names: known.filter((name) => only.includes(name)), required, json: values.json };
		},
	);
}

function listOf(names: string | undefined): readonly string[] | undefined {
	return names?.split(',');
}
