import { randomBytes } from 'node:crypto';
import type { Engine } from './engine.ts';
import { removeResources } from './remove-resources.ts';

const prefixVariable = 'LEASEHOLD_CONTRACT_AWS_PREFIX';

/** AWS itself, and only where it is asked for by a prefix: it costs money, little as it is. */
export const aws: Engine = {
	name: 'aws',
	what: `AWS itself; needs ${prefixVariable}, AWS_REGION and credentials`,
	start: async (environment) => {
		const problem = problemOf(environment);
		if (problem !== undefined) return { outcome: 'missing', reason: problem };
		const access = {
			endpoint: undefined,
			region: String(environment['AWS_REGION']),
			credentials: undefined,
			namePrefix: `${environment[prefixVariable]}-${randomBytes(4).toString('hex')}`,
		};
		return {
			outcome: 'ready',
			services: ['dynamodb', 's3', 'sqs'],
			access,
			testMsMax: 300_000, // Tables take their time to be there, and counts of a queue to be right.
			close: () => removeResources(access),
		};
	},
};

function problemOf(environment: NodeJS.ProcessEnv): string | undefined {
	const prefix = environment[prefixVariable];
	if (!prefix) return `${prefixVariable} is not set`;
	if (!prefixPattern.test(prefix)) return `${prefixVariable} must match ${prefixPattern}`;
	if (!environment['AWS_REGION']) return 'AWS_REGION is not set';
	if (!environment['AWS_ACCESS_KEY_ID'] && !environment['AWS_PROFILE'])
		return 'there are no credentials: neither AWS_ACCESS_KEY_ID nor AWS_PROFILE is set';
	const elsewhere = Object.keys(environment).find((name) => name.startsWith('AWS_ENDPOINT_URL') && environment[name]);
	return elsewhere && `${elsewhere} is set, and so the SDK would not find AWS`;
}

/** With what follows it must be the name of a bucket: 63 characters. */
const prefixPattern = /^[a-z][a-z0-9-]{0,25}$/;
