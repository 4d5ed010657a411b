import { parseArgs } from 'node:util';

export type CommandLine =
	| { command: 'run'; names: readonly string[]; required: readonly string[]; json: boolean }
	| { command: 'help' }
	| { command: 'refuse'; problem: string };

/** @param known names of engines, in the order in which they run */
export function parseCommandLine(args: readonly string[], known: readonly string[]): CommandLine {
	let values: { only?: string; require?: string; json: boolean; help: boolean };
	try {
		({ values } = parseArgs({
			args: [...args],
			options: {
				only: { type: 'string' },
				require: { type: 'string' },
				json: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
			},
		}));
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))) throw error;
		return { command: 'refuse', problem: String(error.message.split('\n', 1)[0]) };
	}
	if (values.help) return { command: 'help' };
	const only = listOf(values.only) ?? known;
	const required = listOf(values.require) ?? [];
	const unknown = [...only, ...required].find((name) => !known.includes(name));
	if (unknown !== undefined) return { command: 'refuse', problem: `there is no engine "${unknown}"` };
	const left = required.find((name) => !only.includes(name));
	if (left !== undefined)
		return { command: 'refuse', problem: `--only leaves out "${left}", which --require asks for` };
	return { command: 'run', names: known.filter((name) => only.includes(name)), required, json: values.json };
}

function listOf(names: string | undefined): readonly string[] | undefined {
	return names?.split(',');
}
