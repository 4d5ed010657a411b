import { describe, expect, test } from 'vitest';
import { findingsIn } from '../../../house/prose/findings.ts';
import { rules } from '../../../house/prose/rules.ts';

/** Sentences that a rule finds, and sentences near to them that it leaves alone. */
const examples: Readonly<Record<string, { readonly bad: readonly string[]; readonly good: readonly string[] }>> = {
	'who-or-what-as-subject': {
		bad: [
			'Who waits syncs meanwhile.',
			'It is read. What it says is kept.',
			'It stays: who asks waits.',
			'It stays; what is new goes.',
		],
		good: [
			'Who may renew a lease?',
			'The bus keeps what it reads.',
			'It says two things: what is new and what the bus said.',
		],
	},
	whoever: {
		bad: ['The lease is sealed by whoever asks.', 'Whomever it names is told.'],
		good: ['Anyone who asks seals the lease.'],
	},
	'inverted-conditional': {
		bad: [
			'Is the owner alive, it asks the bus.',
			'It looks. Has the lease expired, the instance seals it.',
			'One waits; does the bus not answer, it fails.',
			'Is DynamoDB down, the bus reads S3.',
		],
		good: [
			'If the owner is alive, the instance asks the bus.',
			'Is the owner alive, or has the lease expired?',
			'Has no repository, no bus, and the rights of no client.',
			'The answer is the session, the receipt and a signature.',
		],
	},
	'goes-on': { bad: ['The login goes on without it.'], good: ['The login continues without it.'] },
	'is-away': {
		bad: ['S3 is away.', 'It works with one repository away.'],
		good: ['S3 is down.', 'An instance is 50 ms away from S3.', 'The drill takes a repository away.'],
	},
	'of-its-own': {
		bad: ['It has a role of its own.'],
		good: ['It has its own role.', 'It sends headers of its own choice.'],
	},
	'unless-given': { bad: ['The limit, 100 unless given.'], good: ['The limit. It is 100 by default.'] },
	'in-vain': { bad: ['It asks in vain.'], good: ['It asks and gets no answer.'] },
	'as-well-as-any': { bad: ['This one does as well as any.'], good: ['It keeps this one as well as the other.'] },
	'trailing-word': {
		bad: ['S3 has it too.', 'It has no copy, neither.', 'It has no rights at all: it is pure.'],
		good: ['S3 also has it.', 'It is too large.', 'It is neither read nor written.', 'It is seen at all times.'],
	},
};

const rulesOf = (file: string, source: string) => findingsIn(file, source).map(({ rule }) => rule);

test('every rule has examples', () => {
	expect(Object.keys(examples)).toEqual(rules.map(({ name }) => name));
});

describe.each(Object.entries(examples))('%s', (rule, { bad, good }) => {
	test.each(bad)('finds "%s" in Markdown, in a comment and in a string', (sentence) => {
		expect(rulesOf('a.md', `${sentence}\n`)).toContain(rule);
		expect(rulesOf('a.ts', `/** ${sentence} */\nexport const a = 1;\n`)).toContain(rule);
		expect(rulesOf('a.ts', `export const a = ${JSON.stringify(sentence)};\n`)).toContain(rule);
	});

	test.each(good)('leaves "%s" alone', (sentence) => {
		expect(rulesOf('a.md', `${sentence}\n`)).not.toContain(rule);
		expect(rulesOf('a.ts', `// ${sentence}\n`)).not.toContain(rule);
	});
});

test('a finding has the line that its words are on', () => {
	const markdown = '# Leases\n\nAn instance renews its lease\nand goes on.\n\n- A list\n  goes on.\n';
	expect(findingsIn('a.md', markdown).map(({ line }) => line)).toEqual([4, 7]);

	const typescript = [
		'/**',
		' * Renews a lease',
		' * and goes on.',
		' */',
		'const help = `Renews a lease',
		'and goes on.`; // It goes on.',
		'// Two comments that follow each other are',
		'// one text. It goes on.',
	].join('\n');
	expect(findingsIn('a.ts', typescript).map(({ line }) => line)).toEqual([3, 6, 6, 8]);
});

test('a finding says what to do instead and quotes a few words around it', () => {
	expect(findingsIn('a.md', 'If S3 is down, the login goes on.\n')).toEqual([
		{
			line: 1,
			rule: 'goes-on',
			cure: 'Say "continues", "works" or "is forwarded".',
			found: 'down, the login goes on.',
		},
	]);
});

test('code is no prose: neither blocks of it, nor inline code, nor names and values', () => {
	expect(rulesOf('a.md', 'The column `goes on`:\n\n```sh\necho goes on\n```\n')).toEqual([]);
	expect(rulesOf('a.ts', "const state = 'goes on';\n/** Such as `who waits syncs`. */\n")).toEqual([]);
});

test('headings and the cells of a table need not be sentences', () => {
	expect(rulesOf('a.md', '## What it costs\n\n| What | Who |\n|---|---|\n| What it costs | Who pays |\n')).toEqual([]);
	expect(rulesOf('a.md', '| a |\n|---|\n| It goes on |\n')).toEqual(['goes-on']);
});

test('a sentence that runs through a block of code is found by its second half', () => {
	const through = 'Run this:\n\n```sh\nnpm start\n```\n\nand wait.\n';
	expect(rulesOf('a.md', through)).toEqual(['sentence-through-code']);
	expect(rulesOf('a.md', through.replace('and wait', 'Wait'))).toEqual([]);
	expect(rulesOf('a.ts', `/**\n${through.replaceAll(/^/gm, ' * ')}\n */\n`)).toEqual(['sentence-through-code']);
});

describe('a line of more than 100 columns', () => {
	const long = 'word '.repeat(20).trimEnd();
	const address = `https://example.com/${'a'.repeat(100)}`;

	test('is found in Markdown and in comments', () => {
		expect(rulesOf('a.md', `${long} and\n`)).toEqual(['long-line']);
		expect(rulesOf('a.ts', `\t// ${long}\n`)).toEqual(['long-line']);
		expect(rulesOf('a.ts', `/**\n * ${long}\n */\n`)).toEqual(['long-line']);
	});

	test('is right if it has 100 columns exactly', () => {
		expect(rulesOf('a.md', `${long}.\n`)).toEqual([]);
	});

	test('is left alone in tables and code, and if nothing in it can be wrapped', () => {
		expect(rulesOf('a.md', `| a |\n|---|\n| ${long} |\n\n\`\`\`\n${long} and\n\`\`\`\n`)).toEqual([]);
		expect(rulesOf('a.md', `- ${address}\n\n[there]: ${address}\n`)).toEqual([]);
		expect(rulesOf('a.ts', `const a = ${JSON.stringify(long)};\n// ${address}\n`)).toEqual([]);
	});
});
