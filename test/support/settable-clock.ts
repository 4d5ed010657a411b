import type { TimerClock } from '../../functions/system/timers.ts';
import { exampleStartMs } from './example-session.ts';

/** A clock that stands still until it is moved. Both of its clocks can be moved separately. */
export interface SettableClock extends TimerClock {
	/** Moves both clocks forward. */
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
			// Work that is already queued runs first. Then no time passes.
			const soon = setImmediate(() => resolve(advance(ms)));
			return { elapsed, cancel: () => clearImmediate(soon) };
		},
		advance,
		setWall: (set) => {
			now = { ...now, wallMs: set };
		},
	};
}
