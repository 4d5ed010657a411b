import { type Comment, parseSync, type TemplateElement, Visitor } from 'oxc-parser';
import type { Passage, Piece, Prose } from './passage.ts';
import { readMarkdown } from './read-markdown.ts';

/** Strings of fewer words are names and values. */
const wordsMin = 3;

/**
 * The prose of a TypeScript or JavaScript source: its comments, which are read as Markdown, and
 * its strings.
 *
 * @throws if the source cannot be parsed.
 */
export function readTypeScript(file: string, source: string): Prose {
	const { comments, program, errors } = parseSync(file, source);
	if (errors.length > 0) throw new Error(`${file}: ${errors.map(({ message }) => message).join(', ')}`);
	const lines = source.split('\n');
	const starts = [...source.matchAll(/^/gm)].map(({ index }) => index);
	const lineOf = (offset: number) => starts.findLastIndex((start) => start <= offset) + 1;

	const strings: Passage[] = [];
	const addString = (pieces: readonly Piece[]) => {
		const words = pieces
			.map(({ text }) => text)
			.join('')
			.split(/\s+/);
		if (words.length >= wordsMin) strings.push({ kind: 'string', pieces, afterCode: false });
	};
	new Visitor({
		Literal: ({ value, start }) => {
			if (typeof value === 'string') addString([{ text: value, line: lineOf(start) }]);
		},
		TemplateLiteral: ({ quasis }) => addString(quasis.flatMap(piecesOf)),
	}).visit(program);

	function piecesOf({ value, start, end, tail }: TemplateElement): readonly Piece[] {
		const parts = (value.cooked ?? value.raw).split(/(?<=\n)/);
		const pieces = parts.map((text, index) => ({ text, line: lineOf(start) + index }));
		return tail ? pieces : [...pieces, { text: '`_`', line: lineOf(end) }];
	}

	const notes = grouped(comments, source).map(([first, ...rest]) => {
		const text = [first, ...rest].map((comment) => stripped(comment)).join('\n');
		return readMarkdown(text, lineOf(first.start));
	});
	return {
		passages: [...notes.flatMap(({ passages }) => passages), ...strings],
		wrapped: notes.flatMap(({ wrapped }) => wrapped.map(({ line }) => ({ line, text: lines[line - 1] ?? '' }))),
	};
}

type Run = readonly [Comment, ...Comment[]];

/** Groups comments of one line each that follow each other. Together they are one text. */
function grouped(comments: readonly Comment[], source: string): readonly Run[] {
	const runs: [Comment, ...Comment[]][] = [];
	for (const comment of comments) {
		const run = runs.at(-1);
		const before = run?.at(-1);
		const follows =
			before?.type === 'Line' && comment.type === 'Line' && /^\n[ \t]*$/.test(source.slice(before.end, comment.start));
		if (follows) run?.push(comment);
		else runs.push([comment]);
	}
	return runs;
}

/** The text of a comment without its slashes and asterisks. */
function stripped({ type, value }: Comment): string {
	if (type === 'Line') return value.replace(/^ /, '');
	return value
		.split('\n')
		.map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
		.join('\n');
}
