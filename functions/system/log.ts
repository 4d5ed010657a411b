/** Port: one structured line. Never a token, a secret or an attribute's value. */
export type Log = (level: LogLevel, message: string, fields?: Readonly<Record<string, unknown>>) => void;

export type LogLevel = 'info' | 'warn' | 'error';

/** Writes JSON lines to standard output, which Lambda hands to CloudWatch Logs. */
export const consoleLog: Log = (level, message, fields) => {
	process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
};

/** What a log says of an error: enough to find it, nothing that a client sent. */
export function describeError(error: unknown): Readonly<Record<string, unknown>> {
	if (!(error instanceof Error)) return { error: String(error) };
	return {
		error: error.name,
		reason: error.message,
		...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message}` } : {}),
	};
}
