import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parseServiceCatalog } from '../../../functions/access/service-catalog.ts';
import { bundleFunction, placeServiceCatalog } from '../../../local/lambda/bundle.ts';
import { functionEntries } from '../../../local/lambda/function-bundles.ts';

async function folder() {
	const path = await mkdtemp(join(tmpdir(), 'leasehold-test-'));
	onTestFinished(() => rm(path, { recursive: true }));
	return path;
}

const entries = {
	...functionEntries,
	authorizer: fileURLToPath(new URL('../../../functions/session-server/authorizer/handler.ts', import.meta.url)),
	rotateKeys: fileURLToPath(new URL('../../../functions/rotate-keys/handler.ts', import.meta.url)),
};

test.each(Object.entries(entries))('the bundle of the %s has all that it needs in it', async (_, entry) => {
	const { file, metafile } = await bundleFunction({ entry, outDir: await folder() });
	const [output] = Object.values(metafile.outputs).filter(({ entryPoint }) => entryPoint);
	const outside = output?.imports.filter(({ external }) => external).map(({ path }) => path) ?? [];
	expect(
		outside.filter(
			(path) =>
				!/^node:|^(async_hooks|buffer|child_process|crypto|events|fs|fs\/promises|http|http2|https|net|os|path|process|stream|timers|tls|url|util|zlib)$/.test(
					path,
				),
		),
	).toEqual([]);
	expect(output?.exports).toContain('handler');
	const text = await readFile(file, 'utf8');
	expect(text).toContain('sourceMappingURL=index.mjs.map');
	// esbuild's stand-in for a require that it could not resolve, which would fail when it is reached.
	expect(text).not.toContain('Dynamic require of');
});

test('a mistake in the code is the error of its bundle', async () => {
	const outDir = await folder();
	const entry = join(outDir, 'broken.ts');
	await writeFile(entry, 'export const handler = (');
	await expect(bundleFunction({ entry, outDir })).rejects.toThrow('broken.ts');
});

test('the catalog for local use is one', async () => {
	const outDir = await folder();
	await placeServiceCatalog(outDir);
	const catalog = parseServiceCatalog(JSON.parse(await readFile(join(outDir, 'services.json'), 'utf8')));
	expect([...catalog.keys()]).toEqual(['notes', 'billing', 'payments', 'admin']);
});
