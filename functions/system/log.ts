/**
 * Port: writes one structured line. It must never contain a token, a secret or the value of an
 * attribute.
 */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes JSON lines to standard output, which Lambda hands to CloudWatch Logs. */
export const consoleLog: Log = (level, message, fields) => {
	process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};

/**
 * The fields of a log line about an error: enough to find its cause, and nothing that a client has
 * sent.
 */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
	if (!(error instanceof Error)) return { error: String(error) };
	return {
		error: error.name,
		reason: error.message,
		...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
	};
}
