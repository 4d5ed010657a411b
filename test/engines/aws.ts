import { randomBytes } from 'node:crypto';
import type { Engine } from './engine.ts';
import { removeResources } from './remove-resources.ts';

const prefixVariable = 'LEASEHOLD_CONTRACT_AWS_PREFIX';

/** AWS itself. It runs only if a prefix asks for it, because it costs a little money. */
export const aws: Engine = {
	name: 'aws',
	what: `AWS itself; needs ${prefixVariable}, AWS_REGION and credentials`,
	start: async (environment) => {
		const problem = problemOf(environment);
		if (problem !== undefined) return { kind: 'missing', reason: problem };
		const access = {
			endpoint: undefined,
			region: String(environment['AWS_REGION']),
			credentials: undefined,
			namePrefix: `${environment[prefixVariable]}-${randomBytes(4).toString('hex')}`,
		};
		return {
			kind: 'ready',
			services: ['dynamodb', 's3', 'sqs', 'secrets'],
			access,
			// New tables take a while to become active, and counts of a queue to become correct.
			testMsMax: 300_000,
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
		return 'there are no credentials: set AWS_ACCESS_KEY_ID or AWS_PROFILE';
	const elsewhere = Object.keys(environment).find((name) => name.startsWith('AWS_ENDPOINT_URL') && environment[name]);
	return elsewhere && `${elsewhere} is set, so the SDK would not use AWS`;
}

/** With the rest of the name, it must fit the 63 characters of a bucket's name. */
const prefixPattern = /^[a-z][a-z0-9-]{0,25}$/;
