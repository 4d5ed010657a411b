import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A folder that is there and whole, or why it cannot be had. */
export type CachedFolder =
	| { readonly outcome: 'ready'; readonly folder: string }
	| { readonly outcome: 'missing'; readonly reason: string };

/**
 * A folder below `.cache/`, filled once and then kept; `name` says what is in it, version included. Filled beside its place
 * and then moved: one that is there is whole, and of several that fill it at once the first one wins.
 *
 * @param fill returns why it could not, if so
 */
export async function cachedFolder(
	name: string,
	fill: (folder: string) => Promise<string | undefined>,
): Promise<CachedFolder> {
	const folder = fileURLToPath(new URL(`../../.cache/${name}`, import.meta.url));
	if (existsSync(folder)) return { outcome: 'ready', folder };
	const draft = `${folder}.${randomUUID()}`;
	await mkdir(dirname(folder), { recursive: true });
	try {
		const reason = await fill(draft);
		if (reason !== undefined) return { outcome: 'missing', reason };
		await rename(draft, folder).catch((error: Error) => {
			if (!existsSync(folder)) throw error;
		});
		return { outcome: 'ready', folder };
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
}
