import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { type Document, documents } from '../../../docs/tables/fill.ts';
import { mutants } from '../../simulation/mutants/mutants.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const pages = documents();

/** Without code blocks, whose text is no Markdown. */
function proseOf({ text }: Document): string {
	return text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** As GitHub names a heading: lower case, without punctuation, hyphens for spaces. */
function anchorsOf(page: Document): ReadonlySet<string> {
	const headings = [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
	return new Set(
		headings.map((heading) =>
			heading
				.toLowerCase()
				.replaceAll(/[^\p{Letter}\p{Number} _-]/gu, '')
				.replaceAll(' ', '-'),
		),
	);
}

function brokenLinks(page: Document): readonly string[] {
	const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
	return links.filter((target) => {
		if (/^[a-z]+:/.test(target)) return false;
		const [path = '', anchor] = target.split('#');
		const file = path === '' ? page.path : join(dirname(page.path), path);
		if (!existsSync(join(root, file))) return true;
		if (anchor === undefined) return false;
		const linked = pages.find((candidate) => candidate.path === file);
		return linked === undefined || !anchorsOf(linked).has(anchor);
	});
}

/** Written by the reader. */
const isOfTheReader = (path: string) => path === 'infra/configuration.json';

function missingPaths(page: Document): readonly string[] {
	const paths = [...proseOf(page).matchAll(/`((?:functions|infra|local|drills|test|docs)\/[^`\s]*)`/g)];
	return paths.map(([, path = '']) => path).filter((path) => !isOfTheReader(path) && !existsSync(join(root, path)));
}

describe.each(pages)('$path', (page) => {
	test('links only to files and headings that exist', () => {
		expect(brokenLinks(page)).toEqual([]);
	});

	test('names only files and folders that exist', () => {
		expect(missingPaths(page)).toEqual([]);
	});

	test('has no line over 100 columns outside tables and code blocks', () => {
		const lines = proseOf(page).split('\n');
		expect(lines.filter((line) => line.length > 100 && !line.startsWith('|'))).toEqual([]);
	});
});

test('the mutants that attack an invariant exist, and every mutant attacks one', () => {
	const page = pages.find(({ path }) => path === 'docs/protocol/invariants.md');
	const listed = [...(page?.text ?? '').matchAll(/[Mm]utants:(?:\*\*)?([^.]*)\./g)].flatMap(([, names = '']) =>
		[...names.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
	);
	expect([...new Set(listed)].sort()).toEqual(mutants.map(({ name }) => name).sort());
});

const decisions = pages.filter(({ path }) => /^docs\/decisions\/\d/.test(path));

test.each(decisions)('the index of decisions has the title and status of $path', ({ path, text }) => {
	const [, number, title] = /^# (\d+)\. (.+)$/m.exec(text) ?? [];
	const [, status] = /^Status: (.+?)$/m.exec(text.replaceAll(/(?<=\S)\n(?=\S)/g, ' ')) ?? [];
	expect(text).toMatch(/^Date: \d{4}-\d\d-\d\d$/m);
	const index = pages.find((page) => page.path === 'docs/decisions/README.md');
	expect(index?.text.replaceAll(/ +/g, ' ')).toContain(
		`| ${number} | [${title}](${path.slice('docs/decisions/'.length)}) | ${status} |`,
	);
});
