import type { Fault, ServiceName } from '../../local/services/service-conditions.ts';
import type { Answered, Clients } from '../load/clients.ts';

/** Parts of a region that are away for a while, and which requests met that. */
export interface Outage {
	/** Takes the parts away, or has them away in another way from now on. */
	go(clients: Clients, fault: Exclude<Fault, 'none'>): Promise<void>;
	/** Brings all of them back. */
	end(clients: Clients): Promise<void>;
	/** When the last part had gone; when the first one began to come back; and when the last one was back. */
	awayMs(): number;
	returningMs(): number;
	backMs(): number;
	/** Whether a part was away, on its way out or on its way back at some moment of the request. */
	met(answered: Answered): boolean;
	/** Whether every part was away for as long as the request took. */
	covered(answered: Answered): boolean;
}

export function createOutage(parts: readonly ServiceName[]): Outage {
	const never = Number.POSITIVE_INFINITY;
	const times = { begunMs: never, awayMs: never, returningMs: never, backMs: never };

	async function setAll(clients: Clients, fault: Fault): Promise<void> {
		await Promise.all(parts.map((name) => clients.control('PUT', `/services/${name}`, { fault })));
	}

	return {
		go: async (clients, fault) => {
			times.begunMs = Math.min(times.begunMs, performance.now());
			await setAll(clients, fault);
			times.awayMs = Math.min(times.awayMs, performance.now());
		},
		end: async (clients) => {
			times.returningMs = performance.now();
			await setAll(clients, 'none');
			times.backMs = performance.now();
		},
		awayMs: () => times.awayMs,
		returningMs: () => times.returningMs,
		backMs: () => times.backMs,
		met: (answered) => answered.sentAtMs <= times.backMs && endOf(answered) >= times.begunMs,
		covered: (answered) => answered.sentAtMs > times.awayMs && endOf(answered) < times.returningMs,
	};
}

function endOf({ sentAtMs, elapsedMs }: Answered): number {
	return sentAtMs + elapsedMs;
}

/** 503, and when to ask again: what an outage has to look like (I8). A front that gives up by itself does not say when. */
export function saysAskAgain({ status, headers }: Answered): boolean {
	return status === 503 && Number(headers['retry-after']) > 0;
}
