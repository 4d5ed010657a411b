import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonPackages } from '../../local/system/python-packages.ts';
import { startServerProcess } from '../../local/system/server-process.ts';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';

const requirements = fileURLToPath(new URL('./moto.txt', import.meta.url));

/** moto's server. It handles requests in threads, and keeps everything in memory. */
export const moto: Engine = {
	name: 'moto',
	what: "moto's DynamoDB, S3 and SQS; needs Python 3.10",
	start: async (environment) => {
		const installed = await pythonPackages('moto', requirements, { min: 10 });
		if (installed.kind === 'missing') return installed;
		const server = await startServerProcess({
			name: 'moto',
			command: ({ port, folder }) => ({
				file: join(installed.folder, 'bin', 'python'),
				args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
				environment: { ...environment, TMPDIR: folder },
				cwd: folder,
			}),
			isReady: async (url) => (await fetch(`${url}/moto-api/data.json`)).ok,
			startMsMax: 60_000,
		});
		return {
			kind: 'ready',
			services: ['dynamodb', 's3', 'sqs'],
			access: localAccess(server.url, 'contract'),
			testMsMax: localTestMsMax,
			exceptions,
			close: server.close,
		};
	},
};

/**
 * moto checks the condition of an update and then makes it, and lets other requests in between.
 */
const exceptions = [
	{
		test: 'the DynamoDB lease table > has exactly one winner whenever a renewal and a seal meet',
		fault: 'conditional updates are not atomic',
	},
];
