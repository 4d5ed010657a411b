import type { Clock } from '../../functions/system/clock.ts';
import { epochMs, type Schedule } from './schedule.ts';

/**
 * A process: an instance of a function. What is sent to it while it is frozen waits for the thaw; what is sent to it when it is
 * dead is lost, and what it was doing never goes on.
 */
export interface Node {
	readonly name: string;
	/** Where it runs: what is wrong with its place is wrong with its successor too. */
	readonly place: string;
	readonly clock: Clock;
	readonly alive: boolean;
	readonly frozen: boolean;
	/** Wall-clock milliseconds ahead of true time. */
	clockOffsetMs: number;
	/** Runs `step` now, after the thaw, or never. */
	deliver(step: () => void): void;
	/** `clockStops`: the monotonic clock does not count the freeze, as where the whole machine sleeps. */
	freeze(clockStops: boolean): void;
	thaw(): void;
	kill(): void;
}

export function createNode(name: string, schedule: Schedule, clockOffsetMs: number, place = name): Node {
	const bornAt = schedule.now();
	let waiting: (() => void)[] = [];
	let frozenAt: number | undefined;
	let clockStops = false;
	let stoppedMs = 0;
	let alive = true;

	const node: Node = {
		name,
		place,
		clockOffsetMs,
		get alive() {
			return alive;
		},
		get frozen() {
			return frozenAt !== undefined;
		},
		clock: {
			now: () => ({
				wallMs: Math.round(epochMs + schedule.now() + node.clockOffsetMs),
				monotonicMs: schedule.now() - bornAt - stoppedMs,
			}),
			delay: (ms) => new Promise((resolve) => schedule.at(ms, () => node.deliver(resolve))),
		},
		deliver: (step) => {
			if (!alive) return;
			if (frozenAt === undefined) step();
			else waiting.push(step);
		},
		freeze: (stops) => {
			if (!alive || frozenAt !== undefined) return;
			frozenAt = schedule.now();
			clockStops = stops;
		},
		thaw: () => {
			if (!alive || frozenAt === undefined) return;
			if (clockStops) stoppedMs += schedule.now() - frozenAt;
			frozenAt = undefined;
			const steps = waiting;
			waiting = [];
			// One after the other, as a thawed process would get to them, with whatever else happens in between.
			for (const step of steps) schedule.at(0, () => node.deliver(step));
		},
		kill: () => {
			alive = false;
			waiting = [];
		},
	};
	return node;
}
