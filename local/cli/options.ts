import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A parsed command line. `problem` is one sentence for the person who typed it. */
export type CommandLine<CommandOptions extends object> =
	| ({ readonly kind: 'run' } & CommandOptions)
	| { readonly kind: 'help' }
	| { readonly kind: 'refuse'; readonly problem: string };

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** The result of `parseArgs` for a program's options, with the positional arguments. */
type Parsed<Options extends OptionsConfig> = ReturnType<
	typeof parseArgs<{ options: Options; allowPositionals: true; strict: true }>
>;

/** A wrong option or value, explained in one sentence. */
export class OptionError extends Error {}

/**
 * Reads a command line. Every program accepts `--help`.
 *
 * @param convert turns the values into the command's options; throws `OptionError` for a wrong
 *   value
 */
export function readOptions<const Options extends OptionsConfig, CommandOptions extends object>(
	args: readonly string[],
	options: Options,
	convert: (values: Parsed<Options>['values'], positionals: readonly string[]) => CommandOptions,
): CommandLine<CommandOptions> {
	if (args.includes('--help')) return { kind: 'help' };
	try {
		const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
		return { kind: 'run', ...convert(values, positionals) };
	} catch (error) {
		if (!isOptionError(error)) throw error;
		return { kind: 'refuse', problem: firstSentence(error.message) };
	}
}

/** For programs that take options only. @throws `OptionError` naming the first of `positionals` */
export function refusePositionals([first]: readonly string[]): void {
	if (first !== undefined) throw new OptionError(`Unexpected argument '${first}'`);
}

/** @throws `OptionError` naming the option, its limits and the given text */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (/^\d+$/.test(text) && value >= min && value <= max) return value;
	throw new OptionError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}

/** Prints the help to stdout, or the problem and the help to stderr with exit status 2. */
export function explainUsage(commandLine: Exclude<CommandLine<object>, { kind: 'run' }>, usage: string): void {
	if (commandLine.kind === 'help') {
		process.stdout.write(usage);
	} else {
		process.stderr.write(`${commandLine.problem}\n\n${usage}`);
		process.exitCode = 2;
	}
}

/** Prints the problem to stderr and ends the process with exit status 1. */
export function exitWithProblem(problem: string): void {
	process.stderr.write(`${problem}\n`);
	process.exit(1);
}

/** Node appends a guess at what was meant, which never applies here. */
function firstSentence(message: string): string {
	return String(message.split(/\n|\. (?=To |This )/, 1)[0]);
}

function isOptionError(error: unknown): error is Error {
	if (error instanceof OptionError) return true;
	return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
