/**
 * `npm run docs`: writes the generated tables into the documents, and draws the pictures of the
 * saved benchmarks. With `-- --check`, it fails if one is out of date.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pictures } from './pictures.ts';
import { documents, filled } from './tables/fill.ts';

const check = process.argv.includes('--check');
for (const document of documents()) tell(document.path, document.absolutePath, document.text, await filled(document));
for (const { absolutePath, text, drawn } of pictures()) tell(basename(absolutePath), absolutePath, text, drawn);

function tell(name: string, absolutePath: string, text: string | undefined, current: string): void {
	if (text === current) return;
	if (!check) writeFileSync(absolutePath, current);
	process.stdout.write(`${name} ${check ? 'is out of date: run npm run docs' : 'updated'}\n`);
	if (check) process.exitCode = 1;
}
