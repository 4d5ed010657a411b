import type { Fault, ServiceName } from '../../local/services/faults.ts';
import type { ClientAnswer, Clients } from '../load/clients.ts';

/** An outage of some services of a region, and which requests it affects. */
export interface Outage {
	/** Makes the services fail in this way from now on. */
	begin(clients: Clients, fault: Exclude<Fault, 'none'>): Promise<void>;
	/** Makes all of them work again. */
	end(clients: Clients): Promise<void>;
	/** When all services were down. */
	downMs(): number;
	/** When all services worked again. */
	backMs(): number;
	/** Whether a service was, or may have been, down at some moment of the request. */
	touched(answer: ClientAnswer): boolean;
	/** Whether all services were down during the whole request. */
	covered(answer: ClientAnswer): boolean;
}

export function createOutage(parts: readonly ServiceName[]): Outage {
	const never = Number.POSITIVE_INFINITY;
	const times = { begunMs: never, downMs: never, endingMs: never, backMs: never };

	async function setAll(clients: Clients, fault: Fault): Promise<void> {
		await Promise.all(parts.map((name) => clients.control('PUT', `/services/${name}`, { fault })));
	}

	return {
		begin: async (clients, fault) => {
			times.begunMs = Math.min(times.begunMs, performance.now());
			await setAll(clients, fault);
			times.downMs = Math.min(times.downMs, performance.now());
		},
		end: async (clients) => {
			times.endingMs = performance.now();
			await setAll(clients, 'none');
			times.backMs = performance.now();
		},
		downMs: () => times.downMs,
		backMs: () => times.backMs,
		touched: (answer) => answer.sentAtMs <= times.backMs && endOf(answer) >= times.begunMs,
		covered: (answer) => answer.sentAtMs > times.downMs && endOf(answer) < times.endingMs,
	};
}

function endOf({ sentAtMs, elapsedMs }: ClientAnswer): number {
	return sentAtMs + elapsedMs;
}

/**
 * Whether the answer is a 503 with Retry-After, as an outage requires (I8). A front that gives up
 * by itself sends none.
 */
export function asksToRetry({ status, headers }: ClientAnswer): boolean {
	return status === 503 && Number(headers['retry-after']) > 0;
}
