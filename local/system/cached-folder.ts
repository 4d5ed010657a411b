import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A complete folder, or the reason why there is none. */
export type CachedFolder =
	| { readonly kind: 'ready'; readonly folder: string }
	| { readonly kind: 'missing'; readonly reason: string };

/**
 * Returns a folder below `.cache/` that is filled once and then kept. It is filled in a draft
 * folder and then renamed. So a folder that exists is complete, and if several processes fill it at
 * once, the first one wins.
 *
 * @param name says what the folder contains, including the version
 * @param fill returns the reason if it could not fill the folder
 */
export async function cachedFolder(
	name: string,
	fill: (folder: string) => Promise<string | undefined>,
): Promise<CachedFolder> {
	const folder = fileURLToPath(new URL(`../../.cache/${name}`, import.meta.url));
	if (existsSync(folder)) return { kind: 'ready', folder };
	const draft = `${folder}.${randomUUID()}`;
	await mkdir(dirname(folder), { recursive: true });
	try {
		const reason = await fill(draft);
		if (reason !== undefined) return { kind: 'missing', reason };
		await rename(draft, folder).catch((error: Error) => {
			if (!existsSync(folder)) throw error;
		});
		return { kind: 'ready', folder };
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
}
