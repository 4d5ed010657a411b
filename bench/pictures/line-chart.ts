import { linear, logarithmic, type Scale } from './scale.ts';
import { colourOf, dot, line, path, svg, text } from './svg.ts';

export interface Line {
	readonly name: string;
	readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Panel {
	/** The words at the vertical axis. */
	readonly y: string;
	readonly lines: readonly Line[];
	readonly isLogarithmic?: boolean;
	/** The end of the vertical axis. @default the largest value */
	readonly yMax?: number;
}

export interface LineChart {
	readonly title: string;
	/** The words below the horizontal axis. */
	readonly x: string;
	readonly isLogarithmic?: boolean;
	/** One above the other, with the same horizontal axis. */
	readonly panels: readonly Panel[];
}

const width = 760;
const left = 70;
const right = 560;
const top = 48;
const panelHeight = 220;
const gap = 40;

/** Lines of several contenders. Each has the same colour in every panel. */
export function drawLineChart({ title, x, isLogarithmic = false, panels }: LineChart): string {
	const names = [...new Set(panels.flatMap(({ lines }) => lines.map(({ name }) => name)))];
	const xs = panels.flatMap(({ lines }) => lines.flatMap(({ points }) => points.map(([at]) => at)));
	const range = { from: Math.min(...xs), to: Math.max(...xs) };
	const across = (isLogarithmic ? logarithmic : linear)(range, { from: left, to: right });
	const height = top + panels.length * (panelHeight + gap) + 20;
	const legend = names.map((name, index) => {
		const y = top + 10 + index * 20;
		return `${dot({ x: right + 20, y: y - 4 }, colourOf(index))}${text({ x: right + 32, y }, name)}`;
	});
	const drawn = panels.map((panel, index) => drawPanel(panel, across, top + index * (panelHeight + gap), names));
	return svg(width, height, title, [
		...drawn,
		...legend,
		text({ x: (left + right) / 2, y: height - 8 }, x, { anchor: 'middle' }),
	]);
}

function drawPanel(panel: Panel, across: Scale, above: number, names: readonly string[]): string {
	const bottom = above + panelHeight;
	const up = scaleOf(panel, above, bottom);
	const grid = up.ticks.map((tick) => {
		const y = up.place(tick);
		return `${line({ x: left, y }, { x: right, y })}${text({ x: left - 8, y: y + 4 }, label(tick), { anchor: 'end' })}`;
	});
	const below = across.ticks.map((tick) => {
		const x = across.place(tick);
		return `${line({ x, y: bottom }, { x, y: bottom + 5 }, '#888888')}${text({ x, y: bottom + 18 }, label(tick), { anchor: 'middle' })}`;
	});
	const lines = panel.lines.map(({ name, points }) => {
		const colour = colourOf(names.indexOf(name));
		const places = points.map(([x, y]) => ({ x: across.place(x), y: up.place(y) }));
		return `${path(places, colour)}${places.map((place) => dot(place, colour, 2.5)).join('')}`;
	});
	return [...grid, ...below, text({ x: left, y: above - 8 }, panel.y), ...lines].join('\n');
}

function scaleOf({ lines, isLogarithmic = false, yMax }: Panel, above: number, bottom: number): Scale {
	const ys = lines.flatMap(({ points }) => points.map(([, y]) => y));
	const to = yMax ?? Math.max(...ys);
	if (!isLogarithmic) return linear({ from: 0, to: to > 0 ? to : 1 }, { from: bottom, to: above });
	const smallest = Math.min(...ys.filter((y) => y > 0), to);
	return logarithmic(
		{ from: 10 ** Math.floor(Math.log10(smallest)), to: 10 ** Math.ceil(Math.log10(to)) },
		{ from: bottom, to: above },
	);
}

function label(value: number): string {
	return Number(value.toPrecision(3)).toLocaleString('en-US', { maximumFractionDigits: 6 });
}
