import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { cachedFolder } from '../../../local/system/cached-folder.ts';

/** A unique name, and the folder that contains the test's folders. */
function freshName() {
	const name = `test-${randomUUID()}/folder`;
	const beside = dirname(fileURLToPath(new URL(`../../../.cache/${name}`, import.meta.url)));
	onTestFinished(() => rm(beside, { recursive: true, force: true }));
	return { name, beside };
}

const writing = (text: string) => async (folder: string) => {
	await mkdir(folder);
	await writeFile(join(folder, 'file'), text);
	return undefined;
};

test('a folder is filled once and then reused', async () => {
	const { name } = freshName();
	const first = await cachedFolder(name, writing('first'));
	expect(await cachedFolder(name, writing('second'))).toEqual(first);
	expect(first.kind === 'ready' && (await readFile(join(first.folder, 'file'), 'utf8'))).toBe('first');
});

test('if several fill a folder at once, one wins and all get its folder', async () => {
	const { name, beside } = freshName();
	const folders = await Promise.all(['a', 'b', 'c'].map((text) => cachedFolder(name, writing(text))));
	expect(new Set(folders.map((folder) => folder.kind === 'ready' && folder.folder)).size).toBe(1);
	expect(readdirSync(beside)).toEqual(['folder']);
});

test('a folder that could not be filled is missing with the reason, and leaves nothing behind', async () => {
	const { name, beside } = freshName();
	const failing = async (folder: string) => {
		await writing('half')(folder);
		return 'no network';
	};
	expect(await cachedFolder(name, failing)).toEqual({ kind: 'missing', reason: 'no network' });
	expect(existsSync(beside) && readdirSync(beside)).toEqual([]);
});
