import { startMiniStack } from '../../local/ministack/ministack.ts';
import { withEncryptionKey } from './encryption-key.ts';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';

export const ministack: Engine = {
	name: 'ministack',
	what: "MiniStack's DynamoDB, S3, SQS, KMS and Secrets Manager; needs Python 3.10",
	start: async (environment) => {
		const server = await startMiniStack({ environment });
		if (server.kind === 'missing') return server;
		return {
			kind: 'ready',
			services: ['dynamodb', 's3', 'sqs', 'secrets'],
			access: await withEncryptionKey(localAccess(server.url, 'contract')),
			testMsMax: localTestMsMax,
			close: server.close,
		};
	},
};
