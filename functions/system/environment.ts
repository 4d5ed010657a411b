/** Environment variables by name, like `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * A missing or invalid environment variable. A caller that knows the value under another name can
 * build its own message from the fields.
 */
export class VariableError extends Error {
	readonly variable: string;
	/** The problem as a predicate: `is missing`. */
	readonly problem: string;
	/** The path to the wrong part, if the variable is JSON. */
	readonly field: string | undefined;

	constructor(variable: string, problem: string, field?: string, cause?: unknown) {
		super(`environment variable ${variable}${field ? `, ${field}:` : ''} ${problem}`, { cause });
		this.variable = variable;
		this.problem = problem;
		this.field = field;
	}
}

/** @throws VariableError when the variable is missing or empty. */
export function required(environment: Environment, name: string): string {
	const value = environment[name];
	if (value === undefined || value === '') throw new VariableError(name, 'is missing');
	return value;
}

/**
 * Thirty years in milliseconds, or a terabyte. The end of a much longer session would exceed every
 * date.
 */
const wholeNumberMax = 1e12;

/**
 * A whole number of at least 1, or `fallback` if the variable is not set.
 *
 * @throws VariableError when the variable is not such a number.
 */
export function wholeNumber(environment: Environment, name: string, fallback: number): number {
	const text = environment[name];
	if (text === undefined || text === '') return fallback;
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1 || value > wholeNumberMax)
		throw new VariableError(name, `must be a whole number from 1 to ${wholeNumberMax}, not "${text}"`);
	return value;
}

/**
 * JSON of any shape. The caller checks the shape.
 *
 * @throws VariableError when the variable is missing or not JSON.
 */
export function json(environment: Environment, name: string): unknown {
	const text = required(environment, name);
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new VariableError(name, 'is not JSON', undefined, error);
	}
}
