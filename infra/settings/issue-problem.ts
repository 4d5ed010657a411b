import type { BaseIssue } from 'valibot';

/** What the library says unless a schema says it better. */
const libraryWords = /^Invalid /;

/** What is wrong with a value, as a predicate for people: a schema's own words where it has some. */
export function issueProblem(issue: BaseIssue<unknown>): string {
	const { type, expected, received, message } = issue;
	if (!libraryWords.test(message)) return message;
	if (expected === 'never') return 'there is no setting of this name';
	if (received === 'undefined') return 'is missing';
	if (type === 'url') return `must be a URL, not ${received}`;
	if (type === 'integer') return `must be a whole number, not ${received}`;
	return `must be ${inWords(String(expected))}, not ${kinds[received] ?? received}`;
}

/** What JSON has, in words. */
const kinds: Readonly<Record<string, string>> = {
	string: 'a text',
	number: 'a number',
	boolean: 'true or false',
	Array: 'a list',
	Object: 'an object',
};

/** `>=1` and `("keep" | "delete")` in words. */
function inWords(expected: string): string {
	const [, sign, bound] = /^([<>]=)(.+)$/.exec(expected) ?? [];
	if (sign !== undefined) return `${bound} or ${sign === '>=' ? 'more' : 'less'}`;
	return kinds[expected] ?? expected.replace(/^\((.*)\)$/, '$1').replaceAll(' | ', ' or ');
}
