import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeRunFolder, removeRunFolder } from '../../../local/system/run-folder.ts';

test('a run gets its folder while others end', async () => {
	async function beginAndEnd(): Promise<boolean[]> {
		const seen: boolean[] = [];
		for (let run = 0; run < 200; run++) {
			const folder = await makeRunFolder('test');
			seen.push(existsSync(folder));
			await removeRunFolder(folder);
		}
		return seen;
	}
	const seen = await Promise.all(Array.from({ length: 4 }, beginAndEnd));
	expect(seen.flat()).toEqual(Array.from({ length: 800 }, () => true));
});
