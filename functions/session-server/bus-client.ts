import type { Answer } from '../protocol/answers.ts';
import type { Message, MessageOf } from '../protocol/messages.ts';
import { type AnswerTo, type OperationName, operations } from '../protocol/operations.ts';
import type { Log } from '../system/log.ts';
import type { Waiting } from './request.ts';

/**
 * Port: the bus. Never throws. If the bus does not answer in time, the answer is `unavailable`, and
 * the operation may or may not have taken effect.
 *
 * @param withinMs how long the caller can wait, in milliseconds; `busWaitMaxMs` by default
 * @param departed called when the operating system has the whole message, once for each try
 */
export type InvokeBus = (message: Message, withinMs?: number, departed?: () => void) => Promise<Answer>;

/**
 * Asks the bus for an operation on behalf of a request, and counts the call for it. The answer is
 * one that the operation can have. Any other answer comes from a bus of another version, and counts
 * as `unavailable`.
 */
export type AskBus = <Name extends OperationName>(
	waiting: Waiting,
	operation: Name,
	fields: Omit<MessageOf<Name>, 'operation'>,
	withinMs?: number,
	departed?: () => void,
) => Promise<AnswerTo<Name>>;

export function createBusClient(invokeBus: InvokeBus, log: Log): AskBus {
	return async <Name extends OperationName>(
		waiting: Waiting,
		operation: Name,
		fields: Omit<MessageOf<Name>, 'operation'>,
		withinMs?: number,
		departed?: () => void,
	): Promise<AnswerTo<Name>> => {
		waiting.remoteCalls++;
		const answer = await invokeBus({ operation, ...fields } as Message, withinMs, departed);
		if (isAnswerTo(operation, answer)) return answer;
		const reason = `the bus answered ${operation} with ${answer.kind}`;
		log('warn', reason);
		return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
	};
}

/** Whether `answer` is one that the operation can have. */
function isAnswerTo<Name extends OperationName>(name: Name, answer: Answer): answer is AnswerTo<Name> {
	const possible: readonly Answer['kind'][] = operations[name].answers;
	return answer.kind === 'unavailable' || possible.includes(answer.kind);
}
