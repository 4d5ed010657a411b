import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pythonPackages } from '../../../local/system/python-packages.ts';

const requirements = fileURLToPath(new URL('../../../local/ministack/requirements.txt', import.meta.url));

/** The only folder on the path, which is also the user's home. */
let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'leasehold-python-'));
	vi.stubEnv('PATH', folder);
	vi.stubEnv('HOME', folder);
});
afterEach(async () => {
	vi.unstubAllEnvs();
	await rm(folder, { recursive: true });
});

/** A Python that tells its version and can install nothing. */
async function python(name: string, version: string): Promise<void> {
	await mkdir(join(folder, name, '..'), { recursive: true });
	const script = `#!/bin/sh\n[ "$1" = -c ] && echo ${version} && exit\necho "no installations" >&2\nexit 1\n`;
	await writeFile(join(folder, name), script, { mode: 0o755 });
}

async function reason(pythons: { min: number; max?: number }): Promise<string> {
	const installed = await pythonPackages('never-installed', requirements, pythons);
	return installed.kind === 'missing' ? installed.reason : 'installed';
}

test('python3 is used if its version fits', async () => {
	await python('python3', '3 11');
	await python('python3.12', '3 12');
	expect(await reason({ min: 10 })).toMatch(/^python3 -m venv .*: no installations$/);
	expect(await reason({ min: 11, max: 12 })).toMatch(/^python3 -m venv /);
});

test('otherwise the newest tested Python on the path is used', async () => {
	await python('python3', '3 14');
	await python('python3.11', '3 11');
	await python('python3.12', '3 12');
	expect(await reason({ min: 11, max: 13 })).toMatch(/^python3\.12 -m venv /);
});

test('a Python of pyenv is found, even if the command of that name refuses because it is not chosen', async () => {
	await python('python3', '3 11');
	await writeFile(join(folder, 'python3.13'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
	await python('.pyenv/versions/3.13.0/bin/python3.13', '3 13');
	expect(await reason({ min: 13, max: 13 })).toContain(`${folder}/.pyenv/versions/3.13.0/bin/python3.13 -m venv `);
});

test.each([
	['3 9', { min: 10 }, 'python3 is 3.9, but 3.10 or later is required'],
	['3 11', { min: 13, max: 13 }, 'python3 is 3.11, but 3.13 is required'],
	['3 14', { min: 12, max: 13 }, 'python3 is 3.14, but 3.12 to 3.13 is required'],
	['2 7', { min: 10 }, 'python3 is Python 2, but 3 is required'],
])(
	'if python3 is %s and nothing else is there, the reason says what is required',
	async (version, pythons, problem) => {
		await python('python3', version);
		expect(await reason(pythons)).toBe(problem);
	},
);
