import { parseArgs } from 'node:util';
import type { RegionOptions } from './region.ts';
import { isServiceName, latencyMsMax, type ServiceName, serviceNames } from './service-conditions.ts';

export type CommandLine =
	| { command: 'run'; region: RegionOptions; json: boolean; verbose: boolean }
	| { command: 'help' }
	| { command: 'refuse'; problem: string };

export const usage = `Usage: npm start -- [options]

  --port N           port of the HTTP API; 0 is any free one (8787)
  --instances N      how many session servers (4)
  --latency NAME=MS  delays every answer of a service; repeatable. NAME is one of ${serviceNames.join(', ')}
  --json             print one line when ready: { url, control, issuer, idToken }
  --verbose          print what the functions log
  --help             print this
`;

/** A process is some 60 MB. */
const instancesMax = 64;

class OptionError extends Error {}

export function parseCommandLine(args: readonly string[]): CommandLine {
	try {
		const { values } = parseArgs({
			args: [...args],
			options: {
				port: { type: 'string', default: '8787' },
				instances: { type: 'string', default: '4' },
				latency: { type: 'string', multiple: true, default: [] },
				json: { type: 'boolean', default: false },
				verbose: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
			},
		});
		if (values.help) return { command: 'help' };
		const region = {
			port: wholeNumber('--port', values.port, 0, 65_535),
			instances: wholeNumber('--instances', values.instances, 1, instancesMax),
			latencies: Object.fromEntries(values.latency.map(latency)),
		};
		return { command: 'run', region, json: values.json, verbose: values.verbose };
	} catch (error) {
		if (!isOptionError(error)) throw error;
		return { command: 'refuse', problem: String(error.message.split('\n', 1)[0]) };
	}
}

function latency(text: string): [ServiceName, number] {
	const [name = '', ms = ''] = text.split('=', 2);
	if (!isServiceName(name))
		throw new OptionError(`--latency needs NAME=MS, and "${name}" is none of ${serviceNames.join(', ')}`);
	return [name, wholeNumber(`--latency ${name}`, ms, 0, latencyMsMax)];
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
	const value = Number(text);
	if (/^\d+$/.test(text) && value >= min && value <= max) return value;
	throw new OptionError(`${option} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function isOptionError(error: unknown): error is Error {
	if (error instanceof OptionError) return true;
	return error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
}
