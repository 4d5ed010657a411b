/**
 * Port: writes one structured line. It must never contain a token, a secret or the value of an
 * attribute.
 */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes JSON lines to standard output, which Lambda hands to CloudWatch Logs. */
export const consoleLog: Log = (level, message, fields) => {
	process.stdout.write(`${logLine(level, message, fields)}\n`);
};

/** One line as JSON. Fractions of numbers are rounded to tenths: most are milliseconds. */
export function logLine(...[level, message, fields]: Parameters<Log>): string {
	return JSON.stringify({ level, message, ...fields }, (_, value) =>
		typeof value === 'number' ? Math.round(value * 10) / 10 : value,
	);
}

/**
 * The fields of a log line about an error: enough to find its cause, and nothing that a client has
 * sent.
 */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
	if (!(error instanceof Error)) return { error: String(error) };
	const { name, cause } = error;
	return {
		error: name,
		reason: messageToLog(error),
		...(cause instanceof Error ? { cause: [cause.name, messageToLog(cause)].filter(Boolean).join(': ') } : {}),
	};
}

/**
 * The message of an error, if it may be logged. An error about JSON that cannot be read quotes it,
 * and it may be a record or a secret.
 */
export function messageToLog(error: unknown): string | undefined {
	if (error instanceof SyntaxError || typeof error !== 'object' || error === null) return undefined;
	return (error as { readonly message?: string }).message;
}
