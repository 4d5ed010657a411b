import { readFileSync } from 'node:fs';
import { findingsIn } from './prose/findings.ts';
import { trackedFiles } from './tracked-files.ts';

/** These files quote the words that the rules look for. */
const quoting = ['house/prose/rules.ts', 'test/unit/house/prose.test.ts'];

const files = trackedFiles(process.argv.slice(2), ['.md', '.ts', '.mjs']).filter((file) => !quoting.includes(file));
const counts = new Map<string, number>();
for (const file of files)
	for (const { line, rule, cure, found } of findingsIn(file, readFileSync(file, 'utf8'))) {
		console.log(`${file}:${line}: ${cure} (${rule}: ${found})`);
		counts.set(rule, (counts.get(rule) ?? 0) + 1);
	}
for (const [rule, count] of [...counts].toSorted(([, a], [, b]) => b - a)) console.log(`${count} ${rule}`);
const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
console.log(`${total} places to rewrite in ${files.length} files.`);
process.exitCode = total === 0 ? 0 : 1;
