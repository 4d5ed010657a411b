import { writeFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build, type Metafile, type Plugin, stop } from 'esbuild';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import { contractFileName, contractText } from '../../infra/functions/api-contract.ts';
import { bundleAliases } from '../../infra/functions/bundle-aliases.ts';

export interface BundleRequest {
	/** Path of the module that the bundle exports. */
	readonly entry: string;
	readonly outDir: string;
	/** Changes the code, for drills that need another release. @default none */
	readonly plugins?: readonly Plugin[];
}

export interface Bundle {
	/** Path of the bundle, an ES module. Its source map is beside it. */
	readonly file: string;
	/** The bundled modules and their sizes. Also written beside the bundle, as `metafile.json`. */
	readonly metafile: Metafile;
}

/**
 * Bundles a function as it is deployed: a single minified ES module that includes the SDK.
 * `mainFields` selects the SDK's ES modules. By default, esbuild takes its CommonJS builds for this
 * platform, and a fifth of the start-up time is lost.
 *
 * @throws esbuild's error if the code has a mistake
 */
export async function bundleFunction({ entry, outDir, plugins = [] }: BundleRequest): Promise<Bundle> {
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
			alias: bundleAliases,
			plugins: [...plugins],
			sourcemap: 'linked',
			metafile: true,
			// esbuild's process would keep writing for a moment after this process is killed.
			write: false,
			logLevel: 'silent', // The error already contains the messages.
		});
		await mkdir(outDir, { recursive: true });
		await Promise.all(outputFiles.map(({ path, contents }) => writeFile(path, contents)));
		await writeFile(join(outDir, 'metafile.json'), JSON.stringify(metafile));
		return { file, metafile };
	} finally {
		builds -= 1;
		// Otherwise esbuild's own process would run as long as this one.
		if (builds === 0) await stop();
	}
}

let builds = 0;

/** Writes the service catalog to the place where the session server's bundle reads it. */
export async function placeServiceCatalog(outDir: string, services: readonly ServiceRule[]): Promise<void> {
	await mkdir(outDir, { recursive: true });
	await writeFile(join(outDir, 'services.json'), JSON.stringify(services));
}

/** Writes the contract of the API to the place where the session server's bundle reads it. */
export async function placeContract(outDir: string): Promise<void> {
	await mkdir(outDir, { recursive: true });
	await writeFile(join(outDir, contractFileName), contractText());
}

/**
 * Writes the issuers to the place where the session server's bundle reads them.
 *
 * @param bundle the file of the bundle
 */
export function placeIssuers(bundle: string, issuers: readonly Issuer[]): void {
	writeFileSync(join(dirname(bundle), 'issuers.json'), JSON.stringify(issuers));
}
