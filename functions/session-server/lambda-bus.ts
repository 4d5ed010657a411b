import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { InvokeCommand, type InvokeCommandOutput, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Answer } from '../protocol/answers.ts';
import { openAnswer } from '../protocol/answers.ts';
import { envelopeOf } from '../protocol/envelope.ts';
import { describeError, type Log } from '../system/log.ts';
import { busWaitMaxMs } from '../system/time-budget.ts';
import type { InvokeBus } from './bus-client.ts';

/** Holds the function to call when the request that is being made has left this process. */
const departing = new AsyncLocalStorage<() => void>();

// The SDK does not tell when a request has left. Node does: `finish` says that the operating system
// has all of it. Then it arrives, even if the environment freezes.
subscribe('http.client.request.start', (message) => {
	const departed = departing.getStore();
	if (departed !== undefined) (message as { request: ClientRequest }).request.once('finish', departed);
});

/** The bus as a Lambda function. The instance can only invoke it (`lambda:InvokeFunction`, I9). */
export function createLambdaBus(client: LambdaClient, functionName: string, log: Log): InvokeBus {
	return async (message, withinMs = busWaitMaxMs, departed = () => undefined) => {
		let invoked: InvokeCommandOutput;
		try {
			const command = new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(envelopeOf(message)) });
			// The client's own timeout covers one try, and stops when the headers of the answer arrive.
			const limit = { abortSignal: AbortSignal.timeout(Math.max(0, withinMs)) };
			invoked = await departing.run(departed, () => client.send(command, limit));
		} catch {
			// The client has reported why.
			return unanswered('the bus did not answer');
		}
		const { Payload, FunctionError } = invoked;
		try {
			// The client has reported this as well.
			if (FunctionError !== undefined) return unanswered('the bus failed');
			const answer = openAnswer(JSON.parse(Payload?.transformToString() ?? 'null'));
			if (answer.kind === 'opened') return answer.body;
			return unavailable(log, 'the bus speaks another protocol', { malformed: answer.problem });
		} catch (error) {
			return unavailable(log, 'the bus speaks another protocol', describeError(error));
		}
	};
}

function unavailable(log: Log, reason: string, fields: Readonly<Record<string, unknown>>): Answer {
	log('warn', reason, fields);
	return unanswered(reason);
}

function unanswered(reason: string): Answer {
	return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
}
