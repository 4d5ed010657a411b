/** The highest port that there is. */
export const portMax = 65_535;

/** Why a port cannot be had, as people need it, or nothing where the error is about something else. */
export function portProblem(error: unknown, port: number): string | undefined {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	if (code === 'EADDRINUSE') return `Port ${port} is taken. Choose another with --port, or any free one with --port 0.`;
	if (code === 'EACCES') return `Port ${port} may not be used by this user. Choose another with --port.`;
	return undefined;
}
