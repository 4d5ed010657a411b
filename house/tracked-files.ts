import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { extname } from 'node:path';

/**
 * The files of the project that Git tracks or would track, relative to the current directory.
 *
 * @param paths Files or folders to look in. With none, the current directory.
 * @param extensions Extensions to look for, such as `.ts`.
 * @throws if no file is found, since a check of nothing would succeed.
 */
export function trackedFiles(paths: readonly string[], extensions: readonly string[]): readonly string[] {
	const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate', '--'];
	const listed = execFileSync('git', [...options, ...paths], { encoding: 'utf8' }).split('\0');
	// Git lists a file that was removed until the removal is staged.
	const files = listed.filter((file) => extensions.includes(extname(file)) && existsSync(file));
	if (files.length === 0) throw new Error(`There is no ${extensions.join(' or ')} file in ${paths.join(' ')}.`);
	return files;
}
