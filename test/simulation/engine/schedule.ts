/**
 * Virtual time. Events run in the order of their times; events of one time run in the order of
 * their making.
 */
export interface Schedule {
	/** Milliseconds since the simulation began. */
	now(): number;
	/**
	 * Schedules an event. It may return `idle` if it starts nothing that has to settle before the
	 * next event.
	 */
	at(delayMs: number, run: () => unknown): void;
	/**
	 * Runs events until none is left or `until` returns `true`. Meanwhile `Date.now` shows virtual
	 * time, because the library of the bus's circuit breakers reads it. Our code does not.
	 */
	run(until: () => boolean): Promise<void>;
}

export const idle = Symbol('idle');

/** True time zero, as wall clocks show it. */
export const epochMs = 1_800_000_000_000;

interface Event {
	readonly time: number;
	readonly order: number;
	readonly run: () => unknown;
}

export function createSchedule(): Schedule {
	const heap: Event[] = [];
	let time = 0;
	const now = () => time;
	let order = 0;

	function isBefore(a: Event, b: Event): boolean {
		return a.time < b.time || (a.time === b.time && a.order < b.order);
	}

	function push(event: Event): void {
		let index = heap.length;
		while (index > 0) {
			const parent = (index - 1) >> 1;
			const above = heap[parent];
			if (above === undefined || !isBefore(event, above)) break;
			heap[index] = above;
			index = parent;
		}
		heap[index] = event;
	}

	function pop(): Event | undefined {
		const first = heap[0];
		const last = heap.pop();
		if (first === undefined || last === undefined || heap.length === 0) return first;
		let index = 0;
		for (;;) {
			let child = 2 * index + 1;
			const left = heap[child];
			const right = heap[child + 1];
			if (left === undefined) break;
			let smaller = left;
			if (right !== undefined && isBefore(right, left)) {
				smaller = right;
				child++;
			}
			if (!isBefore(smaller, last)) break;
			heap[index] = smaller;
			index = child;
		}
		heap[index] = last;
		return first;
	}

	return {
		now,
		at: (delayMs, run) => push({ time: time + Math.max(0, delayMs), order: order++, run }),
		run: (until) => {
			const realNow = Date.now;
			shown = now;
			Date.now = virtualNow;
			return new Promise<void>((resolve, reject) => {
				/**
				 * Runs in a promise job, so the next tick comes when no promise job is left and all
				 * is settled.
				 */
				function go(): void {
					try {
						while (!until()) {
							const event = pop();
							if (event === undefined) break;
							time = event.time;
							if (event.run() === idle) continue;
							process.nextTick(settled);
							return;
						}
						resolve();
					} catch (error) {
						reject(error);
					}
				}
				const settled = () => void job.then(go);
				settled();
			}).finally(() => {
				Date.now = realNow;
			});
		},
	};
}

const job = Promise.resolve();

/**
 * The time that `Date.now` shows. Every run uses the same function, because the engine would keep a
 * function of each run, and with it the run, for a long time.
 */
let shown = () => 0;
const virtualNow = () => epochMs + shown();
