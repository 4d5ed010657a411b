/**
 * `npm run docs`: writes the generated tables into the documents. With `-- --check`, it fails if
 * one is out of date.
 */
import { writeFileSync } from 'node:fs';
import { documents, filled } from './tables/fill.ts';

const check = process.argv.includes('--check');
for (const document of documents()) {
	const text = await filled(document);
	if (text === document.text) continue;
	if (!check) writeFileSync(document.absolutePath, text);
	process.stdout.write(`${document.path} ${check ? 'is out of date: run npm run docs' : 'updated'}\n`);
	if (check) process.exitCode = 1;
}
