import type { Instant } from '../../../functions/system/clock.ts';
import type { TimerClock } from '../../../functions/system/timers.ts';
import { epochMs, idle, type Schedule } from './schedule.ts';

/**
 * A process: an instance of a function. What is sent to it while it is frozen waits for the thaw; what is sent to it when it is
 * dead is lost, and what it was doing never goes on.
 */
export interface Node {
	readonly name: string;
	/** Where it runs: what is wrong with its place is wrong with its successor too. */
	readonly place: string;
	readonly clock: TimerClock;
	readonly alive: boolean;
	readonly frozen: boolean;
	/** Wall-clock milliseconds ahead of true time. */
	clockOffsetMs: number;
	/** Runs `step` now, after the thaw, or never. Returns what it returned, or `idle` when it did not run. */
	deliver(step: () => unknown): unknown;
	/** `clockStops`: the monotonic clock does not count the freeze, as where the whole machine sleeps. */
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

	// Plain properties: with accessors each node would have a shape of its own, and whatever looks at nodes would be slow.
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
				// Most looks at a clock are looks again within one event.
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
			// One after the other, as a thawed process would get to them, with whatever else happens in between.
			for (const step of steps) schedule.at(0, () => node.deliver(step));
		},
		kill: () => {
			node.alive = false;
			waiting = [];
		},
	};
	return node;
}
