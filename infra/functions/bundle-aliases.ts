import { fileURLToPath } from 'node:url';

/** Modules that deployed bundles hold instead of a package, by the package's name. */
export const bundleAliases: Readonly<Record<string, string>> = {
	'@aws-sdk/credential-provider-node': fileURLToPath(
		new URL('../../functions/system/aws/environment-credentials.ts', import.meta.url),
	),
};
