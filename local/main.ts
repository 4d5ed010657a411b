/** `npm start`: runs a region on this machine until the process is told to end. */
import type { ServiceRule } from '../functions/access/service-catalog.ts';
import { parseCommandLine, type StartOptions, usage } from './cli/command-line.ts';
import { exitWithProblem, explainUsage } from './cli/options.ts';
import { readServices } from './cli/services-file.ts';
import { failedByShutdown, onShutdown } from './cli/shutdown.ts';
import { welcome } from './cli/welcome.ts';
import { demoServices } from './demo.ts';
import { startDemoApp } from './demo-app.ts';
import type { LogEntry } from './lambda/log-buffer.ts';
import { startRegion } from './region.ts';
import { messageOf } from './system/message-of.ts';
import { portProblem } from './system/port.ts';

/** Longer than a start and a stop together. The guardian removes whatever is left after this. */
const shutDownMsMax = 10_000;

const commandLine = parseCommandLine(process.argv.slice(2));
if (commandLine.kind === 'run') await run(commandLine);
else explainUsage(commandLine, usage);

async function run({ region: options, servicesFile, json, verbose }: StartOptions): Promise<void> {
	let services: readonly ServiceRule[] | undefined;
	if (servicesFile !== undefined) {
		const read = readServices(servicesFile);
		if (read.kind === 'refused') return exitWithProblem(read.problem);
		services = read.services;
	}
	const app = services === undefined ? await startDemoApp() : undefined;
	const starting = startRegion({
		...options,
		...(app === undefined ? {} : { pages: app.pages }),
		services: services ?? [...demoServices, ...(app?.services ?? [])],
		...(verbose ? { onLog: print } : {}),
	});
	const isShuttingDown = onShutdown(async () => {
		const region = await starting.catch(() => undefined);
		await region?.stop();
		await app?.close();
	}, shutDownMsMax);

	try {
		const region = await starting;
		if (isShuttingDown()) return;
		const { url, control, issuer, idToken } = region;
		const page = app === undefined ? undefined : url + app.pages.prefix;
		const serviceNames = services?.map(({ name }) => name);
		process.stdout.write(
			json
				? `${JSON.stringify({ url, control, issuer, idToken, page })}\n`
				: welcome({ ...region, page }, serviceNames),
		);
	} catch (error) {
		if (await failedByShutdown(isShuttingDown)) return;
		exitWithProblem(portProblem(error, Number(options.port)) ?? messageOf(error));
	}
}

/** Prints to stderr, because `--json` promises one line on stdout. */
function print({ process: instance, record, text }: LogEntry): void {
	process.stderr.write(`${instance} ${record ? JSON.stringify(record) : text}\n`);
}
