import { type CommandLine, readOptions, refusePositionals, wholeNumber } from '../cli/options.ts';
import { portMax } from '../system/port.ts';

export const usage = `Usage: npm run ministack -- [options]

  --port N  port of the endpoint (default: 4566); 0 means any free port
  --help    print this help

When the endpoint is ready, prints AWS_ENDPOINT_URL=…. Ctrl-C stops it. It keeps no data.
`;

export function parseMiniStackOptions(args: readonly string[]): CommandLine<{ readonly port: number }> {
	return readOptions(args, { port: { type: 'string', default: '4566' } }, ({ port }, positionals) => {
		refusePositionals(positionals);
		return { port: wholeNumber('--port', port, 0, portMax) };
	});
}
