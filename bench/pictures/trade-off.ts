import { linear } from './scale.ts';
import { dot, line, svg, text } from './svg.ts';

/** One contender: what a request costs, and how long a logout takes to be seen. */
export interface TradeOff {
	readonly name: string;
	readonly callsPerRequest: number;
	readonly worstLagSeconds: number;
	/** Whether it is the product, which is drawn in another colour. */
	readonly isOurs: boolean;
}

const width = 760;
const height = 400;
const plot = { left: 110, right: 560, top: 60, bottom: 340 };
/** The lowest values are above the axis, so that several names fit below them. */
const lowest = plot.bottom - 60;
/** Names that do not overlap need so much room: about the width of a letter, and a line. */
const letterWidth = 6.6;
const lineHeight = 14;

/** Seconds, and the words for them. Steps are equal, because they span from nothing to hours. */
const lags = [
	[0, 'at once'],
	[2, '2 s'],
	[300, '5 min'],
	[43_200, '12 h'],
] as const;

/** Remote calls of a request against the time for which a logout may be unknown. */
export function drawTradeOff(title: string, contenders: readonly TradeOff[]): string {
	const most = Math.max(2, ...contenders.map(({ callsPerRequest }) => callsPerRequest));
	const across = linear({ from: 0, to: most }, { from: plot.left, to: plot.right }, 4);
	const grid = [
		...lags.map(([seconds, words]) => {
			const y = placeOf(seconds);
			return `${line({ x: plot.left, y }, { x: plot.right, y })}${text({ x: plot.left - 14, y: y + 4 }, words, { anchor: 'end' })}`;
		}),
		...across.ticks.map((tick) => {
			const x = across.place(tick);
			return `${line({ x, y: plot.bottom }, { x, y: plot.bottom + 5 }, '#888888')}${text({ x, y: plot.bottom + 20 }, String(tick), { anchor: 'middle' })}`;
		}),
		text({ x: plot.left, y: plot.top - 16 }, 'the longest time for which a session is used after its logout'),
		text({ x: (plot.left + plot.right) / 2, y: height - 12 }, 'remote calls per request', { anchor: 'middle' }),
	];
	const taken: Label[] = [];
	const points = contenders.flatMap(({ name, callsPerRequest, worstLagSeconds, isOurs }) => {
		const place = { x: across.place(callsPerRequest), y: placeOf(worstLagSeconds) };
		const colour = isOurs ? '#d55e00' : '#0072b2';
		const label = freeLabel(taken, { x: place.x + 9, y: place.y + 4, width: name.length * letterWidth });
		taken.push(label);
		return [dot(place, colour, isOurs ? 6 : 4), text(label, name, { colour, weight: isOurs ? 700 : 400 })];
	});
	return svg(width, height, title, [...grid, ...points]);
}

interface Label {
	readonly x: number;
	readonly y: number;
	readonly width: number;
}

/** The label, moved down until no other one is in its way. */
function freeLabel(taken: readonly Label[], label: Label): Label {
	const meets = (other: Label) =>
		Math.abs(other.y - label.y) < lineHeight && other.x < label.x + label.width && label.x < other.x + other.width;
	return taken.some(meets) ? freeLabel(taken, { ...label, y: label.y + lineHeight }) : label;
}

/** The place of a time, between the two nearest words. */
function placeOf(seconds: number): number {
	const after = lags.findIndex(([at]) => at >= seconds);
	const steps = lags.length - 1;
	if (after <= 0) return after === 0 ? lowest : plot.top;
	const [[from], [to]] = [lags[after - 1] ?? [0], lags[after] ?? [0]];
	const step = after - 1 + (seconds - from) / (to - from);
	return lowest - (step / steps) * (lowest - plot.top);
}
