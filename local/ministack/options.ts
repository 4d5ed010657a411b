import { type CommandLine, readOptions, refusePositionals, wholeNumber } from '../cli/options.ts';
import { portMax } from '../cli/port.ts';

export const usage = `Usage: npm run ministack -- [options]

  --port N  port of the endpoint; 0 is any free one (4566)
  --help    print this

Prints AWS_ENDPOINT_URL=… when ready. Ctrl-C stops it, and it keeps nothing.
`;

export function parseMiniStackOptions(args: readonly string[]): CommandLine<{ readonly port: number }> {
	return readOptions(args, { port: { type: 'string', default: '4566' } }, ({ port }, positionals) => {
		refusePositionals(positionals);
		return { port: wholeNumber('--port', port, 0, portMax) };
	});
}
