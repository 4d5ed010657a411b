import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import { bundleFunction, placeContract, placeServiceCatalog } from './bundle.ts';

export interface FunctionBundles {
	readonly bootstrap: string;
	readonly sessionServer: string;
	readonly bus: string;
	readonly repair: string;
}

/** Paths of the modules that export the handlers. */
export interface FunctionEntries {
	readonly sessionServer: string;
	readonly bus: string;
	readonly repair: string;
}

export const functionEntries: FunctionEntries = {
	sessionServer: fileURLToPath(new URL('../../functions/session-server/handler.ts', import.meta.url)),
	bus: fileURLToPath(new URL('../../functions/bus/handler.ts', import.meta.url)),
	repair: fileURLToPath(new URL('../../functions/repair/handler.ts', import.meta.url)),
};

/**
 * Bundles everything that instances run, including the bootstrap: stripping its types costs each
 * instance 30 ms.
 */
export async function bundleFunctions(
	folder: string,
	entries: FunctionEntries,
	services: readonly ServiceRule[],
	plugins: readonly Plugin[] = [],
): Promise<FunctionBundles> {
	const bundle = async (name: string, entry: string) =>
		(await bundleFunction({ entry, outDir: join(folder, name), plugins })).file;
	const [bootstrap, sessionServer, bus, repair] = await Promise.all([
		bundle('bootstrap', fileURLToPath(new URL('./bootstrap.ts', import.meta.url))),
		bundle('session-server', entries.sessionServer),
		bundle('bus', entries.bus),
		bundle('repair', entries.repair),
		placeServiceCatalog(join(folder, 'session-server'), services),
		placeContract(join(folder, 'session-server')),
	]);
	return { bootstrap, sessionServer, bus, repair };
}
