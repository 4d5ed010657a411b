import { fileURLToPath } from 'node:url';
import { createHttpClient } from '../../drills/load/http-client.ts';
import { targetHeader } from '../../local/gateway/event.ts';
import { functionEntries } from '../../local/lambda/function-bundles.ts';
import { type RegionOptions, startRegion } from '../../local/region.ts';
import { latencies } from '../contenders/contender.ts';
import { createRegionControl, environments } from '../contenders/region-control.ts';
import type { LeastRequest } from './calls.ts';

/** The name of the least program in results. */
export const leastProgram = 'the least program';

/**
 * The least program that makes given calls: a function that makes some of them and invokes another
 * one for the rest. It keeps no sessions, checks nothing and writes no log. Its region is like
 * Leasehold's, so its time is that of the region.
 */
export interface LeastProgram {
	/** @throws if the program failed */
	ask(request: LeastRequest, target?: string): Promise<void>;
	/** The instances of its first function. */
	instances(): Promise<readonly string[]>;
	kill(instance: string): Promise<void>;
	stop(): Promise<void>;
}

const fileOf = (name: string) => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));

export async function startLeast(instances: number, rest: RegionOptions['rest']): Promise<LeastProgram> {
	const region = await startRegion({
		...environments(instances),
		latencies,
		sourceMaps: false,
		...(rest === undefined ? {} : { rest }),
		entries: { ...functionEntries, sessionServer: fileOf('function'), bus: fileOf('invoked-function') },
	});
	const { send, close } = createHttpClient();
	const { control, ...known } = createRegionControl(region, send);
	return {
		...known,
		async ask(request, target) {
			const headers = {
				'content-type': 'application/json',
				...(target === undefined ? {} : { [targetHeader]: target }),
			};
			const answer = await send('POST', `${region.url}/least`, { body: request, headers });
			if (answer.status !== 204) throw new Error(`${leastProgram} was answered ${answer.status}: ${answer.body}`);
		},
		async kill(instance) {
			await control('POST', `/instances/${instance}/kill`, { when: 'now' });
		},
		async stop() {
			close();
			await region.stop();
		},
	};
}
