import { type Answer, receiptOf } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import { type OperationName, writes } from '../protocol/operations.ts';
import type { Metrics } from '../system/metrics.ts';

const failures = new Set<string>(['unavailable', 'corrupt', 'circuit-open']);

/** Counts a message by its answer, and the repositories by the answer's receipt. */
export function measureMessage(metrics: Metrics, operation: OperationName, answer: Answer, tookMs: number): void {
	metrics.add('Messages', { operation, answer: answer.kind });
	metrics.add('MessageTime', { operation }, tookMs);
	if (isDegraded(answer) && writes(operation)) metrics.add('DegradedWrites', { operation });
	const receipt = receiptOf(answer);
	if (receipt === undefined) return;
	const { asked, hedged } = receipt;
	for (const { repository, outcome, tookMs: loadMs } of asked) {
		if (failures.has(outcome)) metrics.add('RepositoryFailures', { repository });
		else if (loadMs !== undefined) metrics.add('RepositoryTime', { repository }, loadMs);
	}
	if (hedged === true) metrics.add('HedgedReads', {});
}

/** Counts the records that a message names as forged. */
export function measureForged(metrics: Metrics, message: Message): void {
	if (!('distrust' in message)) return;
	for (const { repository } of message.distrust ?? []) metrics.add('ForgedRecords', { repository });
}

/** Whether the answer acknowledges a change that a repository missed. */
function isDegraded(answer: Answer): boolean {
	if (answer.kind === 'ended') return answer.degraded;
	return answer.kind !== 'unavailable' && receiptOf(answer)?.degraded === true;
}
