/** Virtual time: events run in the order of their times, and of their making where times are equal. */
export interface Schedule {
	/** Milliseconds since the simulation began. */
	now(): number;
	/** An event that returns `idle` has started nothing that would have to settle before the next one. */
	at(delayMs: number, run: () => unknown): void;
	/**
	 * Runs events until none is left, or `until` says so. Meanwhile `Date.now` shows true virtual time: the library of the bus's
	 * circuit breakers reads it; no code of our own does.
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
				/** In a promise job, so that the next tick comes when no promise job is left: then all is settled. */
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

/** Whose time `Date.now` shows. The function is the same for every run: the engine would keep each of many, and their runs, for long. */
let shown = () => 0;
const virtualNow = () => epochMs + shown();
