import type { Clock } from '../../functions/system/clock.ts';
import type { TimerClock } from '../../functions/system/timers.ts';
import type { VirtualTime } from './virtual-time.ts';

/** The wall clock when virtual time begins. */
export const epochMs = 1_800_000_000_000;

/**
 * An execution environment on virtual time. Between two invocations it stands still: answers that
 * arrive meanwhile, and timers that end, wait for the next invocation.
 */
export interface VirtualEnvironment {
	readonly clock: TimerClock;
	/** Resolves when the environment runs. */
	awake(): Promise<void>;
	isIdle(): boolean;
	/** Runs one invocation. An environment has one at a time. */
	invoke<Result>(act: () => Promise<Result>): Promise<Result>;
}

export function createEnvironment(time: VirtualTime): VirtualEnvironment {
	let busy = false;
	const waiting: (() => void)[] = [];

	function awake(): Promise<void> {
		return busy ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
	}

	const now: Clock['now'] = () => ({ wallMs: epochMs + Math.floor(time.now()), monotonicMs: time.now() });
	return {
		clock: {
			now,
			delay: async (ms) => {
				await time.sleep(ms);
				await awake();
			},
			timer: (ms) => {
				let cancelled = false;
				const elapsed = new Promise<void>((resolve) => {
					void time
						.sleep(ms)
						.then(awake)
						.then(() => {
							if (!cancelled) resolve();
						});
				});
				return {
					elapsed,
					cancel: () => {
						cancelled = true;
					},
				};
			},
		},
		awake,
		isIdle: () => !busy,
		async invoke(act) {
			busy = true;
			for (const wake of waiting.splice(0)) wake();
			try {
				return await act();
			} finally {
				busy = false;
			}
		},
	};
}

/**
 * A port that is as far away as its service. Each call takes the latency, has its effect then, and
 * its answer waits until the environment runs.
 *
 * @param called is told the name of each call
 */
export function farAway<Port extends object>(
	port: Port,
	latencyMs: number,
	time: VirtualTime,
	environment: VirtualEnvironment,
	called: (operation: string) => void,
): Port {
	return new Proxy(port, {
		get(target, property, receiver) {
			const value: unknown = Reflect.get(target, property, receiver);
			if (typeof value === 'object' && value !== null) return farAway(value, latencyMs, time, environment, called);
			if (typeof value !== 'function') return value;
			return async (...args: unknown[]) => {
				called(String(property));
				await time.sleep(latencyMs);
				const result: unknown = await value.apply(target, args);
				await environment.awake();
				return result;
			};
		},
	});
}
