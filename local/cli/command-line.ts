import type { RegionOptions } from '../region.ts';
import { isServiceName, latencyMsMax, type ServiceName, serviceNames } from '../services/faults.ts';
import { portMax } from '../system/port.ts';
import { type CommandLine, OptionError, readOptions, refusePositionals, wholeNumber } from './options.ts';

/** The options of `npm start`. */
export interface StartOptions {
	readonly region: RegionOptions;
	/** Path of the service catalog. @default the demo services */
	readonly servicesFile: string | undefined;
	readonly json: boolean;
	readonly verbose: boolean;
}

export const usage = `Usage: npm start -- [options]

  --port N           port of the HTTP API (default: 8787); 0 means any free port
  --instances N      number of session servers (default: 4)
  --services FILE    service catalog, a JSON array of rules (default: local/services.json)
  --latency NAME=MS  delay every answer of a service; repeatable.
                     NAME is one of ${serviceNames.join(', ')}
  --never-freeze     let functions run on between requests. By default they stand still, as in
                     Lambda, and their idle connections die
  --json             when ready, print one JSON line: { url, control, issuer, idToken, page }
  --verbose          print the logs of the functions
  --help             print this help
`;

/** Each instance is a process of about 60 MB. */
const instancesMax = 64;

export function parseCommandLine(args: readonly string[]): CommandLine<StartOptions> {
	return readOptions(
		args,
		{
			port: { type: 'string', default: '8787' },
			instances: { type: 'string', default: '4' },
			services: { type: 'string' },
			latency: { type: 'string', multiple: true, default: [] },
			'never-freeze': { type: 'boolean', default: false },
			json: { type: 'boolean', default: false },
			verbose: { type: 'boolean', default: false },
		},
		({ port, instances, services, latency, 'never-freeze': neverFreeze, json, verbose }, positionals) => {
			refusePositionals(positionals);
			const region = {
				port: wholeNumber('--port', port, 0, portMax),
				instances: wholeNumber('--instances', instances, 1, instancesMax),
				latencies: Object.fromEntries(latency.map(latencyOf)),
				...(neverFreeze ? { rest: 'never' as const } : {}),
			};
			return { region, servicesFile: services, json, verbose };
		},
	);
}

function latencyOf(text: string): [ServiceName, number] {
	const [name = '', ms = ''] = text.split('=', 2);
	if (!isServiceName(name))
		throw new OptionError(`--latency must be NAME=MS, where NAME is one of ${serviceNames.join(', ')}, not "${name}"`);
	return [name, wholeNumber(`--latency ${name}`, ms, 0, latencyMsMax)];
}
