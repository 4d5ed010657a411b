import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import type { Metrics } from '../system/metrics.ts';

const failures = new Set<string>(['unavailable', 'corrupt', 'circuit-open']);
const reads = new Set<Message['operation']>(['read', 'health']);

/** What a message and its answer's receipt tell. */
export function measureMessage(
	metrics: Metrics,
	operation: Message['operation'],
	answer: Answer,
	tookMs: number,
): void {
	metrics.add('Messages', { operation, answer: answer.kind });
	metrics.add('MessageTime', { operation }, tookMs);
	if (!('receipt' in answer)) return;
	const { asked, degraded, hedged } = answer.receipt;
	for (const { repository, outcome, tookMs: loadMs } of asked) {
		if (failures.has(outcome)) metrics.add('RepositoryFailures', { repository });
		else if (loadMs !== undefined) metrics.add('RepositoryTime', { repository }, loadMs);
	}
	if (hedged === true) metrics.add('HedgedReads', {});
	if (degraded && answer.kind !== 'unavailable' && !reads.has(operation)) metrics.add('DegradedWrites', { operation });
}
