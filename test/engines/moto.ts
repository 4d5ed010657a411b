import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonPackages } from '../../local/system/python-packages.ts';
import { startServerProcess } from '../../local/system/server-process.ts';
import { withEncryptionKey } from './encryption-key.ts';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';

const program = fileURLToPath(new URL('./moto-server.py', import.meta.url));
const requirements = fileURLToPath(new URL('./moto.txt', import.meta.url));

/** moto keeps everything in memory. Here it handles one request at a time (`moto-server.py`). */
export const moto: Engine = {
	name: 'moto',
	what: "moto's DynamoDB, S3, SQS, KMS and Secrets Manager; needs Python 3.10",
	start: async (environment) => {
		const installed = await pythonPackages('moto', requirements, { min: 10 });
		if (installed.kind === 'missing') return installed;
		const server = await startServerProcess({
			name: 'moto',
			command: ({ port, folder }) => ({
				file: join(installed.folder, 'bin', 'python'),
				args: [program, String(port)],
				environment: { ...environment, MOTO_PORT: String(port), TMPDIR: folder, PYTHONDONTWRITEBYTECODE: '1' },
				cwd: folder,
			}),
			isReady: async (url) => (await fetch(`${url}/moto-api/data.json`)).ok,
			startMsMax: 60_000,
		});
		return {
			kind: 'ready',
			services: ['dynamodb', 's3', 'sqs', 'secrets'],
			access: await withEncryptionKey(localAccess(server.url, 'contract')),
			testMsMax: localTestMsMax,
			close: server.close,
		};
	},
};
