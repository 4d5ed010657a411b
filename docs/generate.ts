/**
 * `npm run docs`: writes the generated tables into the documents, draws the pictures of the saved
 * benchmarks, and writes the contract of the API. With `-- --check`, it fails if one is out of
 * date.
 */
import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { openApiFile } from './openapi/document.ts';
import { pictures } from './pictures.ts';
import { documents, filled } from './tables/fill.ts';

const check = process.argv.includes('--check');
for (const document of documents()) tell(document.path, document.absolutePath, document.text, await filled(document));
for (const { absolutePath, text, drawn } of pictures()) tell(basename(absolutePath), absolutePath, text, drawn);
const contract = openApiFile();
tell(contract.path, contract.absolutePath, contract.text, contract.current);

function tell(name: string, absolutePath: string, text: string | undefined, current: string): void {
	if (text === current) return;
	if (!check) writeFileSync(absolutePath, current);
	process.stdout.write(`${name} ${check ? 'is out of date: run npm run docs' : 'updated'}\n`);
	if (check) process.exitCode = 1;
}
