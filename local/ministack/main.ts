/** `npm run ministack`: a LocalStack-compatible endpoint on this machine until it is told to stop. */

import { explainUsage } from '../cli/options.ts';
import { portProblem } from '../cli/port.ts';
import { failedAsToldToEnd, onceToldToEnd } from '../cli/shutdown.ts';
import { startMiniStack } from './ministack.ts';
import { parseMiniStackOptions, usage } from './options.ts';

/** Longer than it takes to stop. */
const endMsMax = 10_000;

const commandLine = parseMiniStackOptions(process.argv.slice(2));
if (commandLine.command === 'run') await run(commandLine.port);
else explainUsage(commandLine, usage);

async function run(port: number): Promise<void> {
	const starting = startMiniStack({ port, environment: process.env });
	const ending = onceToldToEnd(async () => {
		const ministack = await starting.catch(() => undefined);
		if (ministack?.outcome === 'started') await ministack.close();
	}, endMsMax);
	try {
		const ministack = await starting;
		if (ministack.outcome === 'missing') await refuse(ministack.reason);
		else if (!ending()) process.stdout.write(`AWS_ENDPOINT_URL=${ministack.url}\n`);
	} catch (error) {
		await refuse(portProblem(error, port) ?? (error instanceof Error ? error.message : String(error)));
	}

	async function refuse(problem: string): Promise<void> {
		if (await failedAsToldToEnd(ending)) return;
		process.stderr.write(`${problem}\n`);
		process.exit(1);
	}
}
