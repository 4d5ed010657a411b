/** `npm start`: a region on this machine until it is told to stop. */
import type { ServiceRule } from '../functions/access/service-catalog.ts';
import { type Asked, parseCommandLine, usage } from './cli/command-line.ts';
import { explainUsage } from './cli/options.ts';
import { portProblem } from './cli/port.ts';
import { readServices } from './cli/services-file.ts';
import { failedAsToldToEnd, onceToldToEnd } from './cli/shutdown.ts';
import { welcome } from './cli/welcome.ts';
import type { LogEntry } from './lambda/log-buffer.ts';
import { startRegion } from './region.ts';

/** Longer than a start and a stop take. Whatever is left after this is the guardian's. */
const endMsMax = 10_000;

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.command === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ region: options, servicesFile, json, verbose }: Asked): Promise<void> {
	let services: readonly ServiceRule[] | undefined;
	if (servicesFile !== undefined) {
		const read = readServices(servicesFile);
		if (read.outcome === 'refused') return refuse(read.problem);
		services = read.services;
	}
	const starting = startRegion({
		...options,
		...(services === undefined ? {} : { services }),
		...(verbose ? { onLog: print } : {}),
	});
	const ending = onceToldToEnd(async () => {
		const region = await starting.catch(() => undefined);
		await region?.stop();
	}, endMsMax);

	try {
		const region = await starting;
		const { url, control, issuer, idToken } = region;
		if (!ending())
			process.stdout.write(
				json
					? `${JSON.stringify({ url, control, issuer, idToken })}\n`
					: welcome(
							region,
							services?.map(({ name }) => name),
						),
			);
	} catch (error) {
		if (await failedAsToldToEnd(ending)) return;
		refuse(portProblem(error, Number(options.port)) ?? (error instanceof Error ? error.message : String(error)));
	}
}

/** On stderr: stdout has the one line of `--json`. */
function print({ process: instance, record, text }: LogEntry): void {
	process.stderr.write(`${instance} ${record ? JSON.stringify(record) : text}\n`);
}

function refuse(problem: string): void {
	process.stderr.write(`${problem}\n`);
	process.exit(1);
}
