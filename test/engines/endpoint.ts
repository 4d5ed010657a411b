import { randomBytes } from 'node:crypto';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';
import { removeResources } from './remove-resources.ts';

/**
 * An endpoint that is already running. Its user keeps it, so the run's tables, buckets and queues
 * are removed at the end.
 */
export const endpoint: Engine = {
	name: 'endpoint',
	what: 'the LocalStack-compatible endpoint at AWS_ENDPOINT_URL',
	start: async ({ AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION }) => {
		if (!url) return { kind: 'missing', reason: 'AWS_ENDPOINT_URL is not set' };
		if (!URL.canParse(url)) return { kind: 'missing', reason: `AWS_ENDPOINT_URL is not a URL: ${url}` };
		try {
			await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
		} catch {
			return { kind: 'missing', reason: `nothing answers at AWS_ENDPOINT_URL, ${url}` };
		}
		const access = {
			...localAccess(url, `contract-${randomBytes(4).toString('hex')}`),
			...(AWS_REGION ? { region: AWS_REGION } : {}),
			...(AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY
				? { credentials: { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY } }
				: {}),
		};
		return {
			kind: 'ready',
			services: ['dynamodb', 's3', 'sqs', 'secrets'],
			access,
			testMsMax: localTestMsMax,
			close: () => removeResources(access),
		};
	},
};

/** LocalStack loads its services for the first request, which takes seconds. */
const answerMsMax = 30_000;
