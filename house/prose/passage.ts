/** A stretch of prose: a paragraph, a heading, a cell of a table, or a string. */
export type Passage = {
	readonly kind: 'paragraph' | 'heading' | 'cell' | 'string';
	/** The text in order, with the line of each piece, counted from 1. Inline code is `_`. */
	readonly pieces: readonly Piece[];
	/** Whether the passage comes directly after a block of code. */
	readonly afterCode: boolean;
};

export type Piece = { readonly text: string; readonly line: number };

/** The part of a file that rules look at. */
export type Prose = {
	readonly passages: readonly Passage[];
	/** Lines that a formatter would wrap, counted from 1, without tables and code. */
	readonly wrapped: readonly { readonly line: number; readonly text: string }[];
};

export function textOf({ pieces }: Passage): string {
	return pieces.map(({ text }) => text).join('');
}

/** The line on which the character at this offset of the passage's text is. */
export function lineAt({ pieces }: Passage, offset: number): number {
	let passed = 0;
	for (const { text, line } of pieces) {
		passed += text.length;
		if (offset < passed) return line;
	}
	return pieces.at(-1)?.line ?? 1;
}
