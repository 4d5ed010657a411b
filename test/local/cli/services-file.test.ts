import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readServices } from '../../../local/cli/services-file.ts';

async function fileWith(text: string): Promise<string> {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-services-'));
	onTestFinished(() => rm(folder, { recursive: true }));
	const file = join(folder, 'services.json');
	await writeFile(file, text);
	return file;
}

test('the rules of a valid catalog are returned unchanged, so that the session server accepts them', async () => {
	const services = [{ name: 'orders', anyScope: ['orders:read'], freshness: 'strict' }, { name: 'home' }];
	expect(readServices(await fileWith(JSON.stringify(services)))).toEqual({ kind: 'read', services });
});

test('a missing file is refused with its name', () => {
	expect(readServices('/nowhere/services.json')).toEqual({
		kind: 'refused',
		problem: expect.stringMatching(/^\/nowhere\/services\.json cannot be read: /),
	});
});
