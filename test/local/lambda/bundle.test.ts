import { spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parseServiceCatalog } from '../../../functions/access/service-catalog.ts';
import { demoServices } from '../../../local/demo.ts';
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

test.each(Object.entries(entries))('the bundle of %s contains everything that it needs', async (_, entry) => {
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
	// esbuild's placeholder for a require that it could not resolve. It would fail when it is
	// reached.
	expect(text).not.toContain('Dynamic require of');
});

test.each(Object.entries(entries))('the bundle of %s does not make Node load its own fetch', async (_, entry) => {
	const { metafile } = await bundleFunction({ entry, outDir: await folder() });
	// A static or dynamic import of it as an ES module would.
	const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
	expect(imported.filter((path) => /^(node:)?http$/.test(path))).toEqual([]);
});

test('a module that stands for node:http is the same module, and loads no fetch', async () => {
	const outDir = await folder();
	const entry = join(outDir, 'entry.ts');
	const told =
		'JSON.stringify([typeof Agent, typeof request, process.moduleLoadList.filter((each) => /undici/.test(each))])';
	await writeFile(entry, `import { Agent, request } from 'node:http';\nprocess.stdout.write(${told});`);
	const { file } = await bundleFunction({ entry, outDir: join(outDir, 'out') });
	const { stdout } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
	expect(JSON.parse(stdout)).toEqual(['function', 'function', []]);
});

test('a mistake in the code rejects the bundling with the name of the file', async () => {
	const outDir = await folder();
	const entry = join(outDir, 'broken.ts');
	await writeFile(entry, 'export const handler = (');
	await expect(bundleFunction({ entry, outDir })).rejects.toThrow('broken.ts');
});

test('the service catalog is written to the place where the session server reads it', async () => {
	const outDir = await folder();
	await placeServiceCatalog(outDir, demoServices);
	const catalog = parseServiceCatalog(JSON.parse(await readFile(join(outDir, 'services.json'), 'utf8')));
	expect([...catalog.keys()]).toEqual(['profile', 'billing', 'payments', 'admin']);
});
