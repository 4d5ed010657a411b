import { readFileSync } from 'node:fs';
import { type BuildOptions, buildSync } from 'esbuild';

/**
 * The project's limit: code other than the AWS SDK may be at most a quarter of the size of the SDK
 * clients.
 */
export const overSdkMax = 1.25;

/**
 * Bytes of the AWS SDK in the bundle of `entry`: everything that its modules import from the SDK,
 * bundled alone.
 */
export function sdkBytesOf(entry: string): number {
	const contents = [...sdkImportsOf(entry)]
		.map(([client, names]) => `export { ${[...names].join(', ')} } from '${client}';`)
		.join('\n');
	const { outputFiles } = buildSync({ ...bundling, stdin: { contents, resolveDir: import.meta.dirname } });
	return outputFiles.reduce((bytes, file) => bytes + file.contents.length, 0);
}

const bundling: BuildOptions & { write: false } = {
	bundle: true,
	platform: 'node',
	format: 'esm',
	target: 'node24',
	mainFields: ['module', 'main'],
	minify: true,
	write: false,
};

/** Names that `entry` and its modules import from the AWS SDK, by package. Types are left out. */
export function sdkImportsOf(entry: string): ReadonlyMap<string, ReadonlySet<string>> {
	const { metafile } = buildSync({ ...bundling, entryPoints: [entry], packages: 'external', metafile: true });
	const names = new Map<string, Set<string>>();
	for (const file of Object.keys(metafile.inputs))
		for (const [, imported = '', client = ''] of readFileSync(file, 'utf8').matchAll(importPattern))
			for (const name of imported.split(',').map((text) => text.trim()))
				if (name !== '' && !name.startsWith('type ')) names.set(client, (names.get(client) ?? new Set()).add(name));
	return names;
}

const importPattern = /import \{([^}]*)\} from '(@aws-sdk\/[^']+)'/g;
