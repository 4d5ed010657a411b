import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceCondition } from './service-conditions.ts';

/** An answer shaped as the service's own. */
export interface ServiceAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string;
}

/** What a service answers when it fails or is overloaded. */
export interface FaultAnswers {
	readonly error: ServiceAnswer;
	readonly throttle: ServiceAnswer;
}

/**
 * Waits for the service's latency, then either lets the call through (true) or has dealt with it as its fault says.
 * A faulty call has no effect in the service.
 */
export async function underCondition(
	condition: ServiceCondition,
	response: ServerResponse,
	answers: FaultAnswers,
): Promise<boolean> {
	if (condition.latencyMs > 0) await delay(condition.latencyMs, undefined, { ref: false });
	switch (condition.fault) {
		case 'none':
			return !response.destroyed;
		case 'error':
		case 'throttle':
			send(response, answers[condition.fault]);
			return false;
		case 'reset':
			response.socket?.resetAndDestroy();
			return false;
		case 'hang':
			return false;
	}
}

export function send(response: ServerResponse, answer: ServiceAnswer): void {
	response.writeHead(answer.status, { ...answer.headers, 'content-length': Buffer.byteLength(answer.body) });
	response.end(answer.body);
}
