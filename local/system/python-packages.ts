import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type CachedFolder, cachedFolder } from './cached-folder.ts';
import { runCommand } from './run-command.ts';

/**
 * Installs Python packages into a virtual environment below `.cache/`. Its interpreter is
 * `bin/python`. Each set of packages and each Python version has its own environment. None is
 * changed in place.
 *
 * @param requirements a file for pip that names every package and its version
 * @param pythons the minor versions of Python 3 on which the packages were tested: all of them from
 * `min`, or the newest of those that this machine has up to `max`
 */
export async function pythonPackages(
	name: string,
	requirements: string,
	pythons: { readonly min: number; readonly max?: number },
): Promise<CachedFolder> {
	const python = await findPython(pythons);
	if (python.kind === 'missing') return python;
	const packages = createHash('sha256')
		.update(await readFile(requirements))
		.digest('hex')
		.slice(0, 12);
	return cachedFolder(`${name}/python-3.${python.minor}-${packages}`, async (folder) => {
		const steps: readonly (readonly [string, readonly string[]])[] = [
			[python.command, ['-m', 'venv', folder]],
			[join(folder, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', '--requirement', requirements]],
		];
		for (const [command, args] of steps) {
			const step = await runCommand(command, args, { limitMs: 600_000 });
			if (step.kind === 'failed') return step.reason;
		}
		return undefined;
	});
}

type Python =
	| { readonly kind: 'found'; readonly command: string; readonly minor: number }
	| { readonly kind: 'missing'; readonly reason: string };

/** Finds `python3`, and otherwise another Python beside it: on the path, or of pyenv. */
async function findPython({ min, max = Number.POSITIVE_INFINITY }: { min: number; max?: number }): Promise<Python> {
	const first = await minorOf('python3');
	const fits = (minor: number): boolean => minor >= min && minor <= max;
	if (first.kind === 'found' && fits(first.minor)) return first;
	if (max !== Number.POSITIVE_INFINITY)
		for (let minor = max; minor >= min; minor--)
			for (const command of [`python3.${minor}`, ...(await pyenvPythons(minor))]) {
				const other = await minorOf(command);
				if (other.kind === 'found' && fits(other.minor)) return other;
			}
	if (first.kind === 'missing') return first;
	const wanted = max === Number.POSITIVE_INFINITY ? `3.${min} or later` : `3.${min} to 3.${max}`;
	return { kind: 'missing', reason: `python3 is 3.${first.minor}, but ${wanted} is required` };
}

async function minorOf(command: string): Promise<Python> {
	const version = await runCommand(command, ['-c', 'import sys; print(*sys.version_info[:2])'], { limitMs: 30_000 });
	if (version.kind === 'failed') return { kind: 'missing', reason: version.reason };
	const [major, minor = 0] = version.stdout.trim().split(' ').map(Number);
	if (major !== 3) return { kind: 'missing', reason: `${command} is Python ${major}, but 3 is required` };
	return { kind: 'found', command, minor };
}

/** pyenv puts only the chosen version on the path. Its other versions are folders. */
async function pyenvPythons(minor: number): Promise<readonly string[]> {
	const versions = join(homedir(), '.pyenv', 'versions');
	const names = await readdir(versions).catch(() => []);
	return names
		.filter((name) => name.startsWith(`3.${minor}.`))
		.map((name) => join(versions, name, 'bin', `python3.${minor}`));
}
