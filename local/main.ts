/** `npm start`: a region on this machine until it is told to stop. */
import { parseCommandLine, usage } from './command-line.ts';
import type { LogEntry } from './log-buffer.ts';
import { startRegion } from './region.ts';
import { onceToldToEnd } from './told-to-end.ts';
import { welcome } from './welcome.ts';

/** Longer than a start and a stop take. Whatever is left after this is the guardian's. */
const endMsMax = 10_000;

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.command === 'help') {
	process.stdout.write(usage);
} else if (commandLine.command === 'refuse') {
	process.stderr.write(`${commandLine.problem}\n\n${usage}`);
	process.exitCode = 2;
} else {
	const { json, verbose } = commandLine;
	const starting = startRegion({ ...commandLine.region, ...(verbose ? { onLog: print } : {}) });
	const ending = onceToldToEnd(async () => {
		const region = await starting.catch(() => undefined);
		await region?.stop();
	}, endMsMax);

	try {
		const region = await starting;
		const { url, control, issuer, idToken } = region;
		if (!ending())
			process.stdout.write(json ? `${JSON.stringify({ url, control, issuer, idToken })}\n` : welcome(region));
	} catch (error) {
		process.stderr.write(`${problemOf(error, Number(commandLine.region.port))}\n`);
		process.exit(1);
	}
}

/** On stderr: stdout has the one line of `--json`. */
function print({ process: instance, record, text }: LogEntry): void {
	process.stderr.write(`${instance} ${record ? JSON.stringify(record) : text}\n`);
}

function problemOf(error: unknown, port: number): string {
	if (!(error instanceof Error)) return String(error);
	if ('code' in error && error.code === 'EADDRINUSE')
		return `Port ${port} is taken. Choose another with --port, or any free one with --port 0.`;
	if ('code' in error && error.code === 'EACCES')
		return `Port ${port} may not be used by this user. Choose another with --port.`;
	return error.message;
}
