/** `npm run ministack -- [--port N]`: a LocalStack-compatible endpoint on this machine until it is told to stop. */
import { parseArgs } from 'node:util';
import { startMiniStack } from './ministack.ts';
import { onceToldToEnd } from './told-to-end.ts';

/** Longer than it takes to stop. */
const endMsMax = 10_000;

const { values } = parseArgs({ options: { port: { type: 'string', default: '4566' } } });
const starting = startMiniStack({ port: Number(values.port), environment: process.env });
const ending = onceToldToEnd(async () => {
	const ministack = await starting.catch(() => undefined);
	if (ministack?.outcome === 'started') await ministack.close();
}, endMsMax);

const ministack = await starting;
if (ministack.outcome === 'missing') {
	process.stderr.write(`${ministack.reason}\n`);
	process.exit(1);
} else if (!ending()) {
	process.stdout.write(`AWS_ENDPOINT_URL=${ministack.url}\n`);
}
