import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const [, ...sections] = readFileSync(`${root}docs/security.md`, 'utf8').split(/^## /m);
const tables = sections.filter((section) => /^(ASVS|NIST)/.test(section));

/** The rows of both tables. The last cell names tests, and the one before it has the state. */
const rows = tables.flatMap((section) =>
	section
		.split('\n')
		.filter((line) => line.startsWith('|') && !/^\| (-|line|requirement)/.test(line))
		.map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim()))
		.map((cells) => ({ line: cells[1] ?? '', state: cells.at(-3) ?? '', reason: cells.at(-2) ?? '' })),
);

/** The titles after each file in a cell. */
function testsIn(reason: string): { readonly file: string; readonly titles: readonly string[] }[] {
	return [...reason.matchAll(/`([\w/-]+\.test\.ts)`((?: "[^"]+",?)*)/g)].map(([, file = '', quoted = '']) => ({
		file,
		titles: [...quoted.matchAll(/"([^"]+)"/g)].map(([, title = '']) => title),
	}));
}

describe('the tables of requirements', () => {
	test('have the nineteen lines of chapter 7 and what section 5 asks for', () => {
		expect(rows.filter(({ line }) => /^7\.\d\.\d$/.test(line))).toHaveLength(19);
		expect(rows.length).toBeGreaterThan(45);
	});

	test.each(rows)('name tests that exist for $line, or say why there is none', ({ state, reason }) => {
		const tests = testsIn(reason);
		for (const { file, titles } of tests) {
			const source = readFileSync(`${root}test/${file}`, 'utf8');
			expect(titles.length, `the titles in ${file}`).toBeGreaterThan(0);
			for (const title of titles) expect(source).toContain(title);
		}
		const isDocument = /^\[/.test(reason);
		if (/^(met|in effect)/.test(state) && !isDocument) expect(tests).not.toEqual([]);
		else expect(reason).not.toBe('');
	});
});
