/** A place in a picture, in its own units: from left to right and from top to bottom. */
export interface Place {
	readonly x: number;
	readonly y: number;
}

/** Colours that most readers can tell apart (Okabe and Ito, "Color Universal Design", 2008). */
export const colours = [
	'#0072b2',
	'#d55e00',
	'#009e73',
	'#cc79a7',
	'#e69f00',
	'#56b4e9',
	'#000000',
	'#999999',
] as const;

export function colourOf(index: number): string {
	return colours[index % colours.length] ?? '#000000';
}

/** A whole picture. It brings its own background, because pages are light or dark. */
export function svg(width: number, height: number, title: string, parts: readonly string[]): string {
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="${width}" height="${height}" fill="#ffffff"/>`,
		text({ x: 16, y: 24 }, title, { size: 15, weight: 600 }),
		...parts,
		'</svg>',
		'',
	].join('\n');
}

export interface TextStyle {
	readonly size?: number;
	readonly weight?: number;
	readonly anchor?: 'start' | 'middle' | 'end';
	readonly colour?: string;
}

export function text({ x, y }: Place, words: string, style: TextStyle = {}): string {
	const { size = 12, weight = 400, anchor = 'start', colour = '#222222' } = style;
	return `<text x="${round(x)}" y="${round(y)}" font-size="${size}" font-weight="${weight}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`;
}

export function line(from: Place, to: Place, colour = '#dddddd'): string {
	return `<line x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}" stroke="${colour}"/>`;
}

export function path(places: readonly Place[], colour: string): string {
	const steps = places.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`);
	return `<path d="${steps.join('')}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

export function dot({ x, y }: Place, colour: string, radius = 4): string {
	return `<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${colour}"/>`;
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

function escaped(words: string): string {
	return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
