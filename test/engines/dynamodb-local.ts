import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type CachedFolder, cachedFolder } from '../../local/system/cached-folder.ts';
import { runCommand } from '../../local/system/run-command.ts';
import { startServerProcess } from '../../local/system/server-process.ts';
import type { Engine } from './engine.ts';
import { localAccess, localTestMsMax } from './local-access.ts';

/**
 * Amazon's DynamoDB for development, in Java and in memory. It always listens on every network
 * interface.
 */
export const dynamoDbLocal: Engine = {
	name: 'dynamodb-local',
	what: "Amazon's DynamoDB Local; needs Java 17",
	start: async (environment) => {
		const java = await missingJava();
		if (java !== undefined) return java;
		const installed = await installDynamoDbLocal();
		if (installed.kind === 'missing') return installed;
		const server = await startServerProcess({
			name: 'dynamodb-local',
			command: ({ port, folder }) => ({
				file: 'java',
				args: [
					`-Djava.library.path=${join(installed.folder, 'DynamoDBLocal_lib')}`,
					`-Djava.io.tmpdir=${folder}`,
					...['-jar', join(installed.folder, 'DynamoDBLocal.jar')],
					...['-inMemory', '-sharedDb', '-disableTelemetry', '-port', String(port)],
				],
				environment,
				cwd: folder,
			}),
			// It answers an unsigned request with status 400 as soon as it is ready.
			isReady: async (url) => (await fetch(url)).status === 400,
			startMsMax: 60_000,
		});
		return {
			kind: 'ready',
			services: ['dynamodb'],
			access: localAccess(server.url, 'contract'),
			testMsMax: localTestMsMax,
			close: server.close,
		};
	},
};

/** Why there is no Java, if there is none. */
export async function missingJava(): Promise<{ readonly kind: 'missing'; readonly reason: string } | undefined> {
	const java = await runCommand('java', ['-version'], { limitMs: 30_000 });
	return java.kind === 'failed' ? { kind: 'missing', reason: java.reason } : undefined;
}

/**
 * The package that contains Amazon's jar. Its many dependencies belong to its wrapper and are not
 * needed.
 */
const archive = {
	package: 'amplify-dynamodb-simulator',
	version: '2.9.30',
	sha512: 'xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==',
};

export function installDynamoDbLocal(): Promise<CachedFolder> {
	const limits = { limitMs: 600_000 };
	return cachedFolder(`dynamodb-local/${archive.version}`, async (folder) => {
		await mkdir(folder, { recursive: true });
		const wanted = `${archive.package}@${archive.version}`;
		const packed = await runCommand('npm', ['pack', wanted, '--pack-destination', folder], limits);
		if (packed.kind === 'failed') return packed.reason;
		const file = join(folder, `${archive.package}-${archive.version}.tgz`);
		const sha512 = createHash('sha512')
			.update(await readFile(file))
			.digest('base64');
		if (sha512 !== archive.sha512) return `${wanted} is not the tested archive: its SHA-512 is ${sha512}`;
		const unpack = ['-xzf', file, '-C', folder, '--strip-components=2', 'package/emulator'];
		const unpacked = await runCommand('tar', unpack, limits);
		if (unpacked.kind === 'failed') return unpacked.reason;
		await rm(file);
		return undefined;
	});
}
