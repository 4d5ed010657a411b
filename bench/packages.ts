import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

/** Installs the contenders' packages, unless those of the lock file are installed. */
export function installPackages(): void {
	if (isInstalled()) return;
	process.stderr.write('installing the contenders’ packages into bench/node_modules\n');
	execFileSync('npm', ['ci', '--prefix', folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** npm writes down what it has installed. */
function isInstalled(): boolean {
	const installed = `${folder}node_modules/.package-lock.json`;
	if (!existsSync(installed)) return false;
	const packagesIn = (file: string) => (JSON.parse(readFileSync(file, 'utf8')) as Lock).packages;
	const has = packagesIn(installed);
	return Object.entries(packagesIn(`${folder}package-lock.json`)).every(
		// Optional packages are for other systems.
		([path, { version, optional }]) => path === '' || optional === true || has[path]?.version === version,
	);
}

interface Lock {
	readonly packages: Readonly<Record<string, { readonly version?: string; readonly optional?: boolean }>>;
}
