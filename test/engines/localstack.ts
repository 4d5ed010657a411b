import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { pythonPackages } from '../../local/system/python-packages.ts';
import { startServerProcess } from '../../local/system/server-process.ts';
import { installDynamoDbLocal, missingJava } from './dynamodb-local.ts';
import { withEncryptionKey } from './encryption-key.ts';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';

const requirements = fileURLToPath(new URL('./localstack.txt', import.meta.url));

/** The last release of LocalStack that needs neither an account nor Docker for these services. */
export const localstack: Engine = {
	name: 'localstack',
	what: "LocalStack 4.14's DynamoDB, S3, SQS, KMS and Secrets Manager, without Docker; needs Python 3.13 and Java 17",
	start: async (environment) => {
		const java = await missingJava();
		if (java !== undefined) return java;
		const dynamoDb = await installDynamoDbLocal();
		if (dynamoDb.kind === 'missing') return dynamoDb;
		// It declares 3.10, but uses syntax of 3.12. It was tested on 3.13.
		const installed = await pythonPackages('localstack', requirements, { min: 13, max: 13 });
		if (installed.kind === 'missing') return installed;
		const server = await startServerProcess({
			name: 'localstack',
			command: ({ port, folder }) => {
				layOut(folder, dynamoDb.folder);
				return {
					file: join(installed.folder, 'bin', 'python'),
					args: ['-m', 'localstack.runtime.main'],
					environment: {
						...environment,
						// Otherwise it takes a container for its own image, with folders of the machine.
						OVERRIDE_IN_DOCKER: '0',
						FILESYSTEM_ROOT: folder,
						GATEWAY_LISTEN: `127.0.0.1:${port}`,
						// Its default server listens on every network interface.
						GATEWAY_SERVER: 'hypercorn',
						DYNAMODB_IN_MEMORY: '1',
						DISABLE_EVENTS: '1',
						SKIP_SSL_CERT_DOWNLOAD: '1',
						TMPDIR: folder,
					},
					cwd: folder,
				};
			},
			isReady: async (url) => {
				const health: unknown = await (await fetch(`${url}/_localstack/health`)).json();
				// It loads its services for this request, which takes seconds.
				return v.is(healthSchema, health) && (await fetch(url)).ok;
			},
			startMsMax: 120_000,
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

const healthSchema = v.object({ version: v.literal('4.14.0') });

/**
 * Puts DynamoDB Local and Java where LocalStack looks for them. Otherwise it would download both.
 *
 * Its Java agent, which allows more than 20 indexes, is in no registry. So `java` leaves it out.
 */
function layOut(root: string, dynamoDb: string): void {
	const libraries = join(root, 'usr/lib/localstack');
	const bin = join(libraries, 'java/21/bin');
	for (const folder of [join(libraries, 'dynamodb-local'), bin]) mkdirSync(folder, { recursive: true });
	symlinkSync(dynamoDb, join(libraries, 'dynamodb-local/2'));
	writeFileSync(join(bin, 'java'), javaWithoutAgent);
	chmodSync(join(bin, 'java'), 0o755);
}

/** LocalStack puts its own Java first into the path. */
const javaWithoutAgent = `#!/bin/sh
for argument do
	shift
	case $argument in -javaagent:*) ;; *) set -- "$@" "$argument" ;; esac
done
PATH=\${PATH#*:}
exec java "$@"
`;
