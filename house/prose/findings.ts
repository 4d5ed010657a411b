import { lineAt, type Passage, type Prose, textOf } from './passage.ts';
import { readMarkdown } from './read-markdown.ts';
import { readTypeScript } from './read-typescript.ts';
import { rules } from './rules.ts';

export type Finding = {
	/** Counted from 1. */
	readonly line: number;
	readonly rule: string;
	readonly cure: string;
	/** The words that the rule found. */
	readonly found: string;
};

/** The longest line of a comment or of Markdown. A tab has two columns, as it has for Biome. */
const columnsMax = 100;
const tabColumns = 2;

/**
 * Finds the places to rewrite, in the order of their lines.
 *
 * @param file Its ending tells how to read it: `.md` as Markdown, everything else as TypeScript.
 */
export function findingsIn(file: string, source: string): readonly Finding[] {
	const prose = file.endsWith('.md') ? readMarkdown(source) : readTypeScript(file, source);
	return [...longLines(prose), ...prose.passages.flatMap(inPassage)].toSorted((a, b) => a.line - b.line);
}

function inPassage(passage: Passage): readonly Finding[] {
	const text = passage.kind === 'string' ? capitalized(textOf(passage)) : textOf(passage);
	const isSentence = passage.kind === 'paragraph' || passage.kind === 'string';
	const findings = rules
		.filter(({ sentencesOnly = false }) => isSentence || !sentencesOnly)
		.flatMap(({ name, pattern, cure }) =>
			[...text.matchAll(pattern)].map(({ 0: match, index }) => {
				const words = match.replace(/^[^\w`]+/, '');
				const at = index + match.length - words.length;
				return { line: lineAt(passage, at), rule: name, cure, found: excerpt(text, at) };
			}),
		);
	if (!passage.afterCode || !/^[a-z]/.test(text)) return findings;
	const cure = 'Finish the sentence before the block of code, and begin a new one after it.';
	return [{ line: lineAt(passage, 0), rule: 'sentence-through-code', cure, found: excerpt(text, 0) }, ...findings];
}

function longLines({ wrapped }: Prose): readonly Finding[] {
	const cure = `Wrap the line at ${columnsMax} columns.`;
	return wrapped.flatMap(({ line, text }) => {
		const shown = text.replaceAll('\t', ' '.repeat(tabColumns));
		if (shown.length <= columnsMax || !hasBreak(shown)) return [];
		return [{ line, rule: 'long-line', cure, found: `${shown.length} columns` }];
	});
}

/** A line that starts with one long word, such as an address, cannot be wrapped. */
function hasBreak(line: string): boolean {
	const words = line.replace(/^\s*(?:\/\/|\/?\*+|[-*>#]+|\d+\.)?\s*/, '');
	const first = words.indexOf(' ');
	return first !== -1 && line.length - words.length + first <= columnsMax;
}

/** A few words before and after this offset of the text. */
function excerpt(text: string, at: number): string {
	const before = text.slice(0, at).split(/\s+/).slice(-4).join(' ');
	const words = text.slice(at).split(/\s+/);
	return `${before}${words.slice(0, 7).join(' ')}${words.length > 7 ? ' …' : ''}`;
}

function capitalized(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
