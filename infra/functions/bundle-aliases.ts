import { fileURLToPath } from 'node:url';

/** Modules that deployed bundles hold instead of a package or a module of Node, by its name. */
export const bundleAliases: Readonly<Record<string, string>> = {
	'@aws-sdk/credential-provider-node': fileURLToPath(
		new URL('../../functions/system/aws/environment-credentials.ts', import.meta.url),
	),
	'node:http': fileURLToPath(new URL('../../functions/system/node-http.cts', import.meta.url)),
};
