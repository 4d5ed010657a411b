import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Answer } from '../protocol/answers.ts';
import { envelopeOf } from '../protocol/envelope.ts';
import { readAnswer } from '../protocol/read-answer.ts';
import { describeError, type Log } from '../system/log.ts';
import type { AskBus } from './context.ts';
import { busWaitMaxMs } from './request.ts';

/** The bus, reached by `lambda:InvokeFunction` and in no other way (I9). */
export function createLambdaBus(client: LambdaClient, functionName: string, log: Log): AskBus {
	return async (message, withinMs = busWaitMaxMs) => {
		try {
			const { Payload, FunctionError } = await client.send(
				new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(envelopeOf(message)) }),
				// The client's own limit is for one try, and ends with the answer's headers.
				{ abortSignal: AbortSignal.timeout(Math.max(0, withinMs)) },
			);
			if (FunctionError !== undefined) return unavailable(log, 'the bus failed', { functionError: FunctionError });
			const answer = readAnswer(JSON.parse(Payload?.transformToString() ?? 'null'));
			return 'malformed' in answer ? unavailable(log, 'the bus speaks another protocol', answer) : answer;
		} catch (error) {
			return unavailable(log, 'the bus did not answer', describeError(error));
		}
	};
}

function unavailable(log: Log, reason: string, fields: Readonly<Record<string, unknown>>): Answer {
	log('warn', reason, fields);
	return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
}
