import type { RegionOptions } from '../region.ts';
import { isServiceName, latencyMsMax, type ServiceName, serviceNames } from '../services/service-conditions.ts';
import { type CommandLine, OptionError, readOptions, refusePositionals, wholeNumber } from './options.ts';
import { portMax } from './port.ts';

/** What `npm start` is asked for. */
export interface Asked {
	readonly region: RegionOptions;
	/** File of the service catalog, where it is not the region's own. */
	readonly servicesFile: string | undefined;
	readonly json: boolean;
	readonly verbose: boolean;
}

export const usage = `Usage: npm start -- [options]

  --port N           port of the HTTP API; 0 is any free one (8787)
  --instances N      how many session servers (4)
  --services FILE    the service catalog, a JSON array of rules (local/services.json)
  --latency NAME=MS  delays every answer of a service; repeatable. NAME is one of ${serviceNames.join(', ')}
  --json             print one line when ready: { url, control, issuer, idToken }
  --verbose          print what the functions log
  --help             print this
`;

/** A process is some 60 MB. */
const instancesMax = 64;

export function parseCommandLine(args: readonly string[]): CommandLine<Asked> {
	return readOptions(
		args,
		{
			port: { type: 'string', default: '8787' },
			instances: { type: 'string', default: '4' },
			services: { type: 'string' },
			latency: { type: 'string', multiple: true, default: [] },
			json: { type: 'boolean', default: false },
			verbose: { type: 'boolean', default: false },
		},
		({ port, instances, services, latency, json, verbose }, positionals) => {
			refusePositionals(positionals);
			const region = {
				port: wholeNumber('--port', port, 0, portMax),
				instances: wholeNumber('--instances', instances, 1, instancesMax),
				latencies: Object.fromEntries(latency.map(latencyOf)),
			};
			return { region, servicesFile: services, json, verbose };
		},
	);
}

function latencyOf(text: string): [ServiceName, number] {
	const [name = '', ms = ''] = text.split('=', 2);
	if (!isServiceName(name))
		throw new OptionError(`--latency needs NAME=MS, and "${name}" is none of ${serviceNames.join(', ')}`);
	return [name, wholeNumber(`--latency ${name}`, ms, 0, latencyMsMax)];
}
