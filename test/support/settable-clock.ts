import type { TimerClock } from '../../functions/system/timers.ts';
import { exampleStartMs } from './example-session.ts';

/** A clock that stands still until a test moves it. The wall clock can be set separately. */
export interface SettableClock extends TimerClock {
	/** Lets time pass on both clocks. */
	advance(ms: number): void;
	setWall(wallMs: number): void;
}

export function createSettableClock(wallMs = exampleStartMs): SettableClock {
	let now = { wallMs, monotonicMs: 1_000 };
	const advance = (ms: number) => {
		now = { wallMs: now.wallMs + ms, monotonicMs: now.monotonicMs + ms };
	};
	return {
		now: () => now,
		delay: async (ms) => advance(ms),
		timer: (ms) => {
			const { promise: elapsed, resolve } = Promise.withResolvers<void>();
			// An answer that is there already comes first, and then no time passes.
			const soon = setImmediate(() => resolve(advance(ms)));
			return { elapsed, cancel: () => clearImmediate(soon) };
		},
		advance,
		setWall: (set) => {
			now = { ...now, wallMs: set };
		},
	};
}
