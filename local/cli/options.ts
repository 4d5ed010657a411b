import { type ParseArgsConfig, parseArgs } from 'node:util';

/** What a command line asks for. `problem` is one sentence for whoever typed it. */
export type CommandLine<Asked extends object> =
	| ({ readonly command: 'run' } & Asked)
	| { readonly command: 'help' }
	| { readonly command: 'refuse'; readonly problem: string };

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** The options of a program as `parseArgs` types them, and what stands between them. */
type Parsed<Options extends OptionsConfig> = ReturnType<
	typeof parseArgs<{ options: Options; allowPositionals: true; strict: true }>
>;

/** What is wrong with an option or what it is given, in one sentence. */
export class OptionError extends Error {}

/**
 * Reads a command line. Every program knows `--help`.
 *
 * @param ask makes what is asked for of the values; throws `OptionError` where they cannot be
 */
export function readOptions<const Options extends OptionsConfig, Asked extends object>(
	args: readonly string[],
	options: Options,
	ask: (values: Parsed<Options>['values'], positionals: readonly string[]) => Asked,
): CommandLine<Asked> {
	if (args.includes('--help')) return { command: 'help' };
	try {
		const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
		return { command: 'run', ...ask(values, positionals) };
	} catch (error) {
		if (!isOptionError(error)) throw error;
		return { command: 'refuse', problem: firstSentence(error.message) };
	}
}

/** For programs whose options are all there is. @throws naming the first of `positionals`. */
export function refusePositionals([first]: readonly string[]): void {
	if (first !== undefined) throw new OptionError(`Unexpected argument '${first}'`);
}

/** @throws naming the option, its limits and what it was given. */
export function wholeNumber(option: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (/^\d+$/.test(text) && value >= min && value <= max) return value;
	throw new OptionError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}

/** Answers whoever asked for help on stdout, and whoever asked for what cannot be on stderr, with exit status 2. */
export function explainUsage(commandLine: Exclude<CommandLine<object>, { command: 'run' }>, usage: string): void {
	if (commandLine.command === 'help') {
		process.stdout.write(usage);
	} else {
		process.stderr.write(`${commandLine.problem}\n\n${usage}`);
		process.exitCode = 2;
	}
}

/** Node adds what else one may have meant, which here is nothing. */
function firstSentence(message: string): string {
	return String(message.split(/\n|\. (?=To |This )/, 1)[0]);
}

function isOptionError(error: unknown): error is Error {
	if (error instanceof OptionError) return true;
	return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
