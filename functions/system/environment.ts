/** Environment variables by name, as the process has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable of the environment that is missing or cannot be. Whoever sets it under another name finds the parts of the message here. */
export class VariableError extends Error {
	readonly variable: string;
	/** What is wrong with it, as a predicate. */
	readonly problem: string;
	/** Path to what is wrong in it, where it is JSON. */
	readonly field: string | undefined;

	constructor(variable: string, problem: string, field?: string, cause?: unknown) {
		super(`environment variable ${variable}${field ? `, ${field}:` : ''} ${problem}`, { cause });
		this.variable = variable;
		this.problem = problem;
		this.field = field;
	}
}

/** @throws naming the variable that is missing or empty. */
export function required(environment: Environment, name: string): string {
	const value = environment[name];
	if (value === undefined || value === '') throw new VariableError(name, 'is missing');
	return value;
}

/** Thirty years in milliseconds, or a terabyte. A session that lasted much longer would end at no date that can be written. */
const wholeNumberMax = 1e12;

/** A whole number from 1 on, or `fallback` where the variable is not set. @throws naming the variable. */
export function wholeNumber(environment: Environment, name: string, fallback: number): number {
	const text = environment[name];
	if (text === undefined || text === '') return fallback;
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > wholeNumberMax)
		throw new VariableError(name, `must be a whole number from 1 to ${wholeNumberMax}, not "${text}"`);
	return value;
}

/** JSON of any shape; its reader checks the shape. @throws naming the variable. */
export function json(environment: Environment, name: string): unknown {
	const text = required(environment, name);
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new VariableError(name, 'is not JSON', undefined, error);
	}
}
