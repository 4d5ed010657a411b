/** `npm run docs`: writes the generated tables into the documents. With `-- --check`, fails if one is out of date. */
import { writeFileSync } from 'node:fs';
import { documents, filled } from './tables/fill.ts';

const check = process.argv.includes('--check');
const outdated = documents().filter(({ text }) => filled(text) !== text);
for (const { path, absolutePath, text } of outdated) {
	if (!check) writeFileSync(absolutePath, filled(text));
	process.stdout.write(check ? `${path} is out of date: run npm run docs\n` : `${path} updated\n`);
}
if (check && outdated.length > 0) process.exitCode = 1;
