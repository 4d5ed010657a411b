import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompress, constants } from 'node:zlib';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import { placeServiceCatalog } from '../../local/lambda/bundle.ts';

/** The functions of a release, as one file. It is written by `npm run previous-release`. */
export interface Release {
	/** The commit from which it was built. */
	readonly commit: string;
	/** The version of its protocol. */
	readonly protocol: number;
	/** The bundles of the functions, as text. */
	readonly bundles: ReleaseBundles;
}

/** Of each function, its bundle or the path of it. */
export interface ReleaseBundles {
	readonly sessionServer: string;
	readonly bus: string;
	readonly repair: string;
}

/** JSON, compressed with brotli. The bundles share most of their code, so the file is small. */
export const previousReleaseFile = fileURLToPath(new URL('./previous.json.br', import.meta.url));

export async function writeRelease(file: string, release: Release): Promise<void> {
	const options = { params: { [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS } };
	await writeFile(file, await promisify(brotliCompress)(JSON.stringify(release), options));
}

export async function readRelease(file: string): Promise<Release> {
	return JSON.parse(String(await promisify(brotliDecompress)(await readFile(file)))) as Release;
}

/** Writes the bundles of a release below `folder`, and returns their paths. */
export async function unpackRelease(
	{ bundles }: Release,
	folder: string,
	services: readonly ServiceRule[],
): Promise<ReleaseBundles> {
	const unpack = async (name: keyof ReleaseBundles) => {
		const file = join(folder, name, 'index.mjs');
		await mkdir(join(folder, name), { recursive: true });
		await writeFile(file, bundles[name]);
		return file;
	};
	await placeServiceCatalog(join(folder, 'sessionServer'), services);
	return { sessionServer: await unpack('sessionServer'), bus: await unpack('bus'), repair: await unpack('repair') };
}
