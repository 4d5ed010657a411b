import { mkdir, mkdtemp, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const runFolders = fileURLToPath(new URL('../../.leasehold/', import.meta.url));

/**
 * Creates a folder for one run of a region, or of another `what`. Each run has its own, so several
 * can run at once.
 */
export async function makeRunFolder(what = 'region'): Promise<string> {
	for (let attempt = 1; ; attempt++) {
		try {
			await mkdir(runFolders, { recursive: true });
			return await mkdtemp(`${join(runFolders, what)}-`);
		} catch (error) {
			// Another run was the last to end and has just removed the parent folder.
			const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
			if (!isGone || attempt === attemptsMax) throw error;
		}
	}
}

/** More runs than could plausibly end at such a moment one after the other. */
const attemptsMax = 100;

export async function removeRunFolder(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true });
	await rmdir(runFolders).catch(() => undefined); // Another run still has its folder in there.
}
