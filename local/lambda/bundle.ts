import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, stop } from 'esbuild';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';

export interface BundleRequest {
	/** File of the module whose exports the bundle has. */
	readonly entry: string;
	readonly outDir: string;
}

export interface Bundle {
	/** The bundle, an ES module; its source map lies beside it. */
	readonly file: string;
	/** Which modules went in, and what each weighs. Also written beside the bundle, as `metafile.json`. */
	readonly metafile: Metafile;
}

/**
 * One function as it is deployed: a single minified ES module with the SDK in it. A fifth of the start-up time of a
 * CommonJS bundle goes away with `mainFields`, without which esbuild takes the SDK's CommonJS builds on this platform.
 */
export async function bundleFunction({ entry, outDir }: BundleRequest): Promise<Bundle> {
	const file = join(outDir, 'index.mjs');
	builds += 1;
	try {
		const { metafile, outputFiles } = await build({
			entryPoints: [entry],
			outfile: file,
			bundle: true,
			format: 'esm',
			minify: true,
			platform: 'node',
			target: 'node24',
			mainFields: ['module', 'main'],
			sourcemap: 'linked',
			metafile: true,
			write: false, // esbuild's process would go on writing for a moment after this one was killed.
			logLevel: 'silent', // What is wrong with the code is in the error.
		});
		await mkdir(outDir, { recursive: true });
		await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
		await writeFile(join(outDir, 'metafile.json'), JSON.stringify(metafile));
		return { file, metafile };
	} finally {
		builds -= 1;
		// esbuild's own process would otherwise live as long as this one.
		if (builds === 0) await stop();
	}
}

let builds = 0;

/** Puts the service catalog where the session server's bundle reads it; without `services`, the one for local use. */
export async function placeServiceCatalog(outDir: string, services?: readonly ServiceRule[]): Promise<void> {
	const file = join(outDir, 'services.json');
	await mkdir(outDir, { recursive: true });
	if (services) await writeFile(file, JSON.stringify(services));
	else await copyFile(fileURLToPath(new URL('../services.json', import.meta.url)), file);
}
