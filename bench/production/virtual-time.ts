import { setImmediate } from 'node:timers/promises';

/** Time that passes only when nothing is left to do at a moment. Milliseconds from 0. */
export interface VirtualTime {
	now(): number;
	/** Resolves when this much time has passed. */
	sleep(ms: number): Promise<void>;
	/** Calls `act` at this moment. */
	at(ms: number, act: () => void): void;
	/** Lets time pass until this moment. */
	runUntil(ms: number): Promise<void>;
}

interface Due {
	readonly atMs: number;
	readonly order: number;
	readonly act: () => void;
}

export function createVirtualTime(): VirtualTime {
	const heap: Due[] = [];
	let nowMs = 0;
	let orders = 0;

	function at(ms: number, act: () => void): void {
		push(heap, { atMs: Math.max(ms, nowMs), order: orders++, act });
	}

	return {
		now: () => nowMs,
		at,
		sleep: (ms) => new Promise((resolve) => at(nowMs + ms, resolve)),
		async runUntil(ms) {
			for (;;) {
				// Everything that the last moment made possible comes first.
				await setImmediate();
				const [next] = heap;
				if (next === undefined || next.atMs > ms) break;
				nowMs = next.atMs;
				// Everything that is due at the same moment.
				while (heap[0] !== undefined && heap[0].atMs <= nowMs) pop(heap)?.act();
			}
			nowMs = Math.max(nowMs, ms);
		},
	};
}

function isBefore(a: Due, b: Due): boolean {
	return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Due[], due: Due): void {
	let index = heap.push(due) - 1;
	while (index > 0) {
		const parent = (index - 1) >> 1;
		const above = heap[parent] as Due;
		if (!isBefore(due, above)) break;
		heap[index] = above;
		index = parent;
	}
	heap[index] = due;
}

function pop(heap: Due[]): Due | undefined {
	const [first] = heap;
	const last = heap.pop();
	if (first === undefined || last === undefined || heap.length === 0) return first;
	let index = 0;
	for (;;) {
		let child = 2 * index + 1;
		if (child >= heap.length) break;
		if (child + 1 < heap.length && isBefore(heap[child + 1] as Due, heap[child] as Due)) child++;
		if (!isBefore(heap[child] as Due, last)) break;
		heap[index] = heap[child] as Due;
		index = child;
	}
	heap[index] = last;
	return first;
}
