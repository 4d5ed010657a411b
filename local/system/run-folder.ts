import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runFolders = fileURLToPath(new URL('../../.leasehold/', import.meta.url));

/** A folder of its own for each region or other `what` that runs, so that several can run at once. */
export async function makeRunFolder(what = 'region'): Promise<string> {
	for (let attempt = 1; ; attempt++) {
		try {
			await mkdir(runFolders, { recursive: true });
			return await mkdtemp(`${join(runFolders, what)}-`);
		} catch (error) {
			// The last one that ended took the folder of all of them away in between.
			const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
			if (!isGone || attempt === attemptsMax) throw error;
		}
	}
}

/** So many do not end at such moments in a row. */
const attemptsMax = 100;

export async function removeRunFolder(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	await rmdir(runFolders).catch(() => undefined); // Another one is still in there.
}
