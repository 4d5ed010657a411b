import type { Nodes, PhrasingContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import type { Passage, Piece, Prose } from './passage.ts';

/**
 * The prose of a Markdown text.
 *
 * @param firstLine The line that the text begins on in its file, counted from 1.
 */
export function readMarkdown(source: string, firstLine = 1): Prose {
	const root = fromMarkdown(source, { extensions: [gfmTable()], mdastExtensions: [gfmTableFromMarkdown()] });
	const passages: Passage[] = [];
	const unwrapped = new Set<number>();
	visit(root);
	const wrapped = source
		.split('\n')
		.map((text, index) => ({ line: firstLine + index, text }))
		.filter(({ line }) => !unwrapped.has(line));
	return { passages, wrapped };

	function visit(node: Nodes, before?: Nodes): void {
		switch (node.type) {
			case 'paragraph':
			case 'heading':
				passages.push({
					kind: node.type,
					pieces: piecesOf(node.children),
					afterCode: node.type === 'paragraph' && before?.type === 'code',
				});
				return;
			case 'tableCell':
				passages.push({ kind: 'cell', pieces: piecesOf(node.children), afterCode: false });
				return;
			case 'table':
			case 'code':
			case 'html':
			case 'definition': {
				const from = node.position?.start.line ?? 1;
				for (let line = from; line <= (node.position?.end.line ?? from); line++) unwrapped.add(firstLine + line - 1);
			}
		}
		// The header of a table names its columns.
		const children: readonly Nodes[] =
			node.type === 'table' ? node.children.slice(1) : 'children' in node ? node.children : [];
		for (const [index, child] of children.entries()) visit(child, children[index - 1]);
	}

	function piecesOf(nodes: readonly PhrasingContent[]): readonly Piece[] {
		return nodes.flatMap((node): readonly Piece[] => {
			const line = firstLine + (node.position?.start.line ?? 1) - 1;
			switch (node.type) {
				case 'text':
					return node.value
						.split('\n')
						.map((text, index) => ({ text: index === 0 ? text : ` ${text}`, line: line + index }));
				case 'inlineCode':
					return [{ text: '`_`', line }];
				case 'break':
					return [{ text: ' ', line }];
				default:
					return 'children' in node ? piecesOf(node.children) : [];
			}
		});
	}
}
