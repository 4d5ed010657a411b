import { createServer } from 'node:http';
import { demoServices } from '../../local/demo.ts';
import { type Region, startRegion } from '../../local/region.ts';
import { listen } from '../../local/system/listen.ts';
import { checkAnswers } from '../support/api-contract/checked-api.ts';
import type { Outcome } from './outcome.ts';

/** A region that may be driven fast, with a service behind it. */
export interface Stage {
	readonly region: Pick<Region, 'url' | 'control'>;
	/** Whether the answers so far were as documented, by the check of the other tests. */
	outcome(): Outcome;
	/** Ends everything. */
	close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
	const service = await listen(
		createServer((_, response) => response.writeHead(200, { 'content-type': 'text/plain' }).end('the service')),
	);
	const { onAnswer, failIfUndocumented } = checkAnswers();
	const region = await startRegion({
		instances: 2,
		busInstances: 2,
		rest: 'never',
		services: demoServices.map((rule) => (rule.name === 'billing' ? { ...rule, url: service.url } : rule)),
		// Otherwise most answers would be 429.
		sessionServerVariables: {
			LEASEHOLD_REQUESTS_PER_SECOND: '100000',
			LEASEHOLD_FAILED_LOGINS_PER_SECOND: '100000',
		},
		onAnswer,
	});
	return {
		region,
		outcome: () => {
			try {
				failIfUndocumented();
				return { name: 'answers', passed: 1, failures: [] };
			} catch (error) {
				return { name: 'answers', passed: 0, failures: [String(error)] };
			}
		},
		close: async () => {
			await region.stop();
			await service.close();
		},
	};
}
