import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { withMore } from '../../../drills/releases/more-fields.ts';
import { nextRelease } from '../../../drills/releases/next-release.ts';
import { previousReleaseFile, readRelease, unpackRelease } from '../../../drills/releases/release-file.ts';
import { oldestProtocol, protocolVersion } from '../../../functions/protocol/version.ts';
import { bundleFunctions, functionEntries } from '../../../local/lambda/function-bundles.ts';
import { makeRunFolder, removeRunFolder } from '../../../local/system/run-folder.ts';

async function freshFolder(): Promise<string> {
	const folder = await makeRunFolder('releases');
	onTestFinished(() => removeRunFolder(folder));
	return folder;
}

test('the previous release is a neighbour of this one', async () => {
	const release = await readRelease(previousReleaseFile);
	expect(release.commit).toMatch(/^[0-9a-f]{40}$/);
	expect(release.protocol).toBeGreaterThanOrEqual(oldestProtocol);
	expect(release.protocol).toBeLessThanOrEqual(protocolVersion);
	const paths = await unpackRelease(release, await freshFolder(), []);
	for (const path of Object.values(paths)) expect(await readFile(path, 'utf8')).toContain('export{');
});

test('the next release can be built from this source, speaks the next version, and adds a field everywhere', async () => {
	const bundles = await bundleFunctions(await freshFolder(), functionEntries, [], [nextRelease]);
	for (const bundle of [bundles.sessionServer, bundles.bus])
		expect(await readFile(bundle, 'utf8')).toMatch(/note:"next"/);
});

test('a field is added to every object, but not beside the names that clients choose', () => {
	const more = { order: 1, note: 'next' };
	const stored = { id: 1, attributes: { a: { stamp: 's' } }, list: [{ b: 2 }, 'text'] };
	const added = {
		id: 1,
		attributes: { a: { stamp: 's', later: more } },
		list: [{ b: 2, later: more }, 'text'],
		later: more,
	};
	expect(withMore(stored)).toEqual(added);
	expect(withMore(added)).toEqual(added);
});
