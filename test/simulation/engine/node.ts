import type { Instant } from '../../../functions/system/clock.ts';
import type { TimerClock } from '../../../functions/system/timers.ts';
import { epochMs, idle, type Schedule } from './schedule.ts';

/**
 * A process that runs one instance of a function. Messages to a frozen node wait for the thaw.
 * Messages to a dead node are lost, and its work never continues.
 */
export interface Node {
	readonly name: string;
	/** Where it runs. Faults of a place also meet the node's successor there. */
	readonly place: string;
	readonly clock: TimerClock;
	readonly alive: boolean;
	readonly frozen: boolean;
	/** How far the wall clock is ahead of true time, in milliseconds. */
	clockOffsetMs: number;
	/**
	 * Runs `step` now, after the thaw or never. Returns its result, or `idle` if it did not run.
	 */
	deliver(step: () => unknown): unknown;
	/**
	 * `clockStops`: the monotonic clock does not count the freeze, as when the whole machine
	 * sleeps.
	 */
	freeze(clockStops: boolean): void;
	thaw(): void;
	kill(): void;
}

export function createNode(name: string, schedule: Schedule, clockOffsetMs: number, place = name): Node {
	const bornAt = schedule.now();
	let waiting: (() => unknown)[] = [];
	let frozenAt = 0;
	let clockStops = false;
	let stoppedMs = 0;
	let shown: Instant = { wallMs: 0, monotonicMs: 0 };

	// Plain properties: accessors would give each node a different shape, and every use of nodes
	// would be slow.
	const node: { -readonly [Name in keyof Node]: Node[Name] } = {
		name,
		place,
		alive: true,
		frozen: false,
		clockOffsetMs,
		clock: {
			now: () => {
				const wallMs = Math.round(epochMs + schedule.now() + node.clockOffsetMs);
				const monotonicMs = schedule.now() - bornAt - stoppedMs;
				// Most readings of a clock repeat one of the same event.
				if (shown.wallMs !== wallMs || shown.monotonicMs !== monotonicMs) shown = { wallMs, monotonicMs };
				return shown;
			},
			delay: (ms) => new Promise((resolve) => schedule.at(ms, () => node.deliver(resolve))),
			timer: (ms) => {
				let cancelled = false;
				return {
					elapsed: new Promise((resolve) => schedule.at(ms, () => (cancelled ? idle : node.deliver(resolve)))),
					cancel: () => {
						cancelled = true;
					},
				};
			},
		},
		deliver: (step) => {
			if (!node.alive) return idle;
			if (!node.frozen) return step();
			waiting.push(step);
			return idle;
		},
		freeze: (stops) => {
			if (!node.alive || node.frozen) return;
			node.frozen = true;
			frozenAt = schedule.now();
			clockStops = stops;
		},
		thaw: () => {
			if (!node.alive || !node.frozen) return;
			if (clockStops) stoppedMs += schedule.now() - frozenAt;
			node.frozen = false;
			const steps = waiting;
			waiting = [];
			// One after the other, as a thawed process would get to them. Other events may come in
			// between.
			for (const step of steps) schedule.at(0, () => node.deliver(step));
		},
		kill: () => {
			node.alive = false;
			waiting = [];
		},
	};
	return node;
}
