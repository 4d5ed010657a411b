/** A Markdown table. Cells are Markdown; a `|` in one is escaped. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
	return [line(header), `|${header.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

export function code(text: string): string {
	return `\`${text}\``;
}

/** With separators, as the documents write numbers: 10,000. */
export function count(value: number): string {
	return value.toLocaleString('en-US');
}

/** Milliseconds in the unit that a reader would choose: `250 ms`, `3.5 s`, `5 min`. */
export function duration(ms: number): string {
	if (ms < 1_000) return `${ms} ms`;
	if (ms % 60_000 === 0) return `${ms / 60_000} min`;
	return `${Number((ms / 1_000).toFixed(2))} s`;
}

/** Bytes in the unit that a reader would choose: `64 KiB`, `4 MiB`. */
export function bytes(value: number): string {
	const kib = value / 1024;
	return kib >= 1024 ? `${kib / 1024} MiB` : `${kib} KiB`;
}
