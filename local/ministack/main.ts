/**
 * `npm run ministack`: runs a LocalStack-compatible endpoint on this machine until the process is
 * told to end.
 */
import { exitWithProblem, explainUsage } from '../cli/options.ts';
import { failedByShutdown, onShutdown } from '../cli/shutdown.ts';
import { messageOf } from '../system/message-of.ts';
import { portProblem } from '../system/port.ts';
import { startMiniStack } from './ministack.ts';
import { parseMiniStackOptions, usage } from './options.ts';

/** Longer than MiniStack takes to stop. */
const shutDownMsMax = 10_000;

const commandLine = parseMiniStackOptions(process.argv.slice(2));
if (commandLine.kind === 'run') await run(commandLine.port);
else explainUsage(commandLine, usage);

async function run(port: number): Promise<void> {
	const starting = startMiniStack({ port, environment: process.env });
	const isShuttingDown = onShutdown(async () => {
		const ministack = await starting.catch(() => undefined);
		if (ministack?.kind === 'started') await ministack.close();
	}, shutDownMsMax);
	try {
		const ministack = await starting;
		if (ministack.kind === 'missing') await refuse(ministack.reason);
		else if (!isShuttingDown()) process.stdout.write(`AWS_ENDPOINT_URL=${ministack.url}\n`);
	} catch (error) {
		await refuse(portProblem(error, port) ?? messageOf(error));
	}

	async function refuse(problem: string): Promise<void> {
		if (!(await failedByShutdown(isShuttingDown))) exitWithProblem(problem);
	}
}
