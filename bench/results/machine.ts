import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** Where and with what a benchmark ran. */
export interface Machine {
	readonly takenAt: string;
	readonly processor: string;
	readonly cores: number;
	readonly memoryGb: number;
	readonly system: string;
	readonly node: string;
	/** The load average of the minute before the benchmark. More than a few tenths is not quiet. */
	readonly loadBefore: number;
	/** The commit of Leasehold, with `+` if files were changed since. */
	readonly commit: string;
	/** Versions of the packages that were measured. */
	readonly versions: Readonly<Record<string, string>>;
}

const here = new URL('../', import.meta.url);

export function readMachine(packages: readonly string[]): Machine {
	const [processor] = cpus();
	return {
		takenAt: new Date().toISOString(),
		processor: processor?.model ?? 'unknown',
		cores: cpus().length,
		memoryGb: Math.round(totalmem() / 2 ** 30),
		system: `${process.platform} ${release()} ${process.arch}`,
		node: process.versions.node,
		loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
		commit: commit(),
		versions: Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
	};
}

/** @returns the version that is installed for the benchmark, or else for the product */
function versionOf(name: string): string {
	for (const folder of ['node_modules', '../node_modules']) {
		const file = new URL(`${folder}/${name}/package.json`, here);
		if (existsSync(file)) return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
	}
	return 'unknown';
}

function commit(): string {
	try {
		const git = (...words: string[]) =>
			execFileSync('git', words, { cwd: here, encoding: 'utf8', stdio: 'pipe' }).trim();
		return (
			git('rev-parse', '--short=12', 'HEAD') + (git('status', '--porcelain', '--', '../functions') === '' ? '' : '+')
		);
	} catch {
		return 'unknown'; // The project is not in a Git repository.
	}
}
