/**
 * `npm run previous-release -- --from REF`: builds the functions of a release from a tag or commit
 * of this repository, and keeps their bundles for the drill `rolling-upgrade`.
 */
import { execFile } from 'node:child_process';
import { readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { explainUsage, OptionError, readOptions } from '../../local/cli/options.ts';
import { makeRunFolder, removeRunFolder } from '../../local/system/run-folder.ts';
import { previousReleaseFile, type ReleaseBundles, writeRelease } from './release-file.ts';

const usage = `Usage: npm run previous-release -- --from REF

Builds the functions of the release at a tag or commit, and keeps their bundles in
drills/releases/previous.json.br for the drill "rolling-upgrade".

  --from REF  the tag or commit
  --help      print this help
`;

const project = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
const bytesMax = 64 * 1024 * 1024;

const commandLine = readOptions(process.argv.slice(2), { from: { type: 'string' } }, ({ from }, others) => {
	if (others.length > 0) throw new OptionError(`"${others[0]}" is no option`);
	if (from === undefined) throw new OptionError('name the tag or commit with --from');
	return { from };
});
if (commandLine.kind === 'run') await keep(commandLine.from);
else explainUsage(commandLine, usage);

async function keep(from: string): Promise<void> {
	const commit = (await git('rev-parse', '--verify', `${from}^{commit}`)).trim();
	const folder = await makeRunFolder('release');
	try {
		await git('archive', '--format=tar', `--output=${join(folder, 'source.tar')}`, commit);
		await run('tar', ['-xf', join(folder, 'source.tar'), '-C', folder]);
		await providePackages(folder);
		const bundles = await bundle(folder);
		const { protocolVersion } = await load<{ protocolVersion: number }>(folder, 'functions/protocol/version.ts');
		await writeRelease(previousReleaseFile, { commit, protocol: protocolVersion, bundles });
		const { size } = await stat(previousReleaseFile);
		process.stdout.write(`kept ${commit}, protocol ${protocolVersion}: ${Math.round(size / 1_000)} kB\n`);
	} finally {
		await removeRunFolder(folder);
	}
}

async function git(...words: readonly string[]): Promise<string> {
	const { stdout } = await run('git', words, { cwd: project, maxBuffer: bytesMax });
	return stdout;
}

/** The release is built with the packages that it names. Often they are those of this one. */
async function providePackages(folder: string): Promise<void> {
	const lockOf = (root: string) => readFile(join(root, 'package-lock.json'), 'utf8');
	if ((await lockOf(folder)) === (await lockOf(project)))
		await symlink(join(project, 'node_modules'), join(folder, 'node_modules'));
	else await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, maxBuffer: bytesMax });
}

/** Bundles the functions as that release itself bundles them. */
async function bundle(folder: string): Promise<ReleaseBundles> {
	const { bundleFunctions, functionEntries } = await load<typeof import('../../local/lambda/function-bundles.ts')>(
		folder,
		'local/lambda/function-bundles.ts',
	);
	const paths = await bundleFunctions(join(folder, 'bundles'), functionEntries, []);
	const text = (file: string) => readFile(file, 'utf8');
	return {
		sessionServer: await text(paths.sessionServer),
		bus: await text(paths.bus),
		repair: await text(paths.repair),
	};
}

async function load<Module>(folder: string, file: string): Promise<Module> {
	return (await import(pathToFileURL(join(folder, file)).href)) as Module;
}
