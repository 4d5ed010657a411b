import type { Context } from 'aws-lambda';
import { createDynamoDbCopyKeys } from '../control-table/dynamodb/copy-keys.ts';
import { createDynamoDbFeed } from '../control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../control-table/dynamodb/lease-table.ts';
import { createDynamoDbMarkers } from '../control-table/dynamodb/markers.ts';
import { createDynamoDbTallyCopies } from '../control-table/dynamodb/tally-copies.ts';
import { type Answer, receiptOf } from '../protocol/answers.ts';
import { type Envelope, envelopeOf } from '../protocol/envelope.ts';
import { openMessage } from '../protocol/messages.ts';
import { createDynamoDbRepository } from '../repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../repositories/dynamodb/subject-index.ts';
import { createS3Repository } from '../repositories/s3/repository.ts';
import { withLiveConnections } from '../system/aws/connections.ts';
import { createDynamoDbClient, withoutRetries } from '../system/aws/dynamodb-client.ts';
import { reportFailedCalls } from '../system/aws/report-failed-calls.ts';
import { createS3Client } from '../system/aws/s3-client.ts';
import { createSqsClient } from '../system/aws/sqs-client.ts';
import { ranMs } from '../system/clock.ts';
import { createFailedCalls } from '../system/failed-calls.ts';
import { createFunctionMetrics } from '../system/function-metrics.ts';
import { consoleLog } from '../system/log.ts';
import { systemRandomBytes } from '../system/random.ts';
import { systemTimerClock } from '../system/timers.ts';
import { type Bus, createBus } from './bus.ts';
import { mayAskFor } from './deployment/callers.ts';
import { parseBusEnvironment } from './deployment/environment.ts';
import { measureForged, measureMessage } from './measure.ts';
import { unavailable } from './receipts.ts';
import { createSigningKeys, type SigningKeys } from './signing-keys.ts';
import { createSqsRepairQueue } from './writing/sqs-repair-queue.ts';

/** The bus as a Lambda function. Session servers invoke it. */
const metrics = createFunctionMetrics(process.env);
const { bus, signingKeys } = createBusFromEnvironment();
void signingKeys.renewIfDue();

export const handler = withLiveConnections(answer);

async function answer(event: unknown, context: Context): Promise<Envelope<Answer>> {
	const opened = openMessage(event);
	if (opened.kind === 'malformed') {
		consoleLog('error', 'a message was malformed', { requestId: context.awsRequestId, malformed: opened.problem });
		return envelopeOf(unavailable('the message is of another protocol', { asked: [] }));
	}
	if (opened.kind === 'unsupported') {
		consoleLog('warn', 'a later version of the session server asks for an operation that this bus does not have', {
			requestId: context.awsRequestId,
			operation: opened.operation,
		});
		return envelopeOf(opened);
	}
	const message = opened.body;
	if (!mayAskFor(message.operation, context.invokedFunctionArn)) {
		const { awsRequestId: requestId, invokedFunctionArn: invoked } = context;
		consoleLog('error', 'a caller may not ask for this', { requestId, operation: message.operation, invoked });
		return envelopeOf(unavailable('the caller may not ask for this', { asked: [] }));
	}
	// The environment may be frozen before this ends. Then it ends or fails in a later invocation.
	void signingKeys.renewIfDue();
	const begunAt = systemTimerClock.now();
	const answered = await bus(message);
	measureMessage(metrics, message.operation, answered, ranMs(begunAt, systemTimerClock.now()));
	measureForged(metrics, message);
	metrics.flush();
	consoleLog('info', 'message', {
		requestId: context.awsRequestId,
		operation: message.operation,
		answer: answered.kind,
		receipt: receiptOf(answered),
	});
	return envelopeOf(answered);
}

function createBusFromEnvironment(): { readonly bus: Bus; readonly signingKeys: SigningKeys } {
	const { controlTable, sessionTable, sessionBucket, repairQueueUrl, timing, feedLayout } = parseBusEnvironment(
		process.env,
	);
	const report = createFailedCalls(consoleLog, metrics, systemTimerClock);
	const dynamoDb = reportFailedCalls(createDynamoDbClient(), report);
	const looks = reportFailedCalls(withoutRetries(dynamoDb), report);
	const s3 = reportFailedCalls(createS3Client(process.env), report);
	const sqs = reportFailedCalls(createSqsClient(), report);
	const signingKeys = createSigningKeys({
		copyKeys: createDynamoDbCopyKeys(dynamoDb, controlTable, systemTimerClock),
		clock: systemTimerClock,
		timing,
		randomBytes: systemRandomBytes,
		log: consoleLog,
	});
	const bus = createBus({
		currentSigningKey: signingKeys.current,
		repositories: [
			createDynamoDbRepository(dynamoDb, sessionTable, systemTimerClock),
			createS3Repository(s3, sessionBucket),
		],
		subjects: createDynamoDbSubjectIndex(dynamoDb, sessionTable, systemTimerClock, consoleLog),
		repairs: createSqsRepairQueue(sqs, repairQueueUrl),
		leases: createDynamoDbLeaseTable(dynamoDb, controlTable),
		feed: createDynamoDbFeed(dynamoDb, controlTable, { timing, clock: systemTimerClock, wanted: feedLayout }),
		markers: createDynamoDbMarkers(dynamoDb, controlTable, looks),
		tallyCopies: createDynamoDbTallyCopies(dynamoDb, controlTable),
		clock: systemTimerClock,
		timing,
		log: consoleLog,
	});
	return { bus, signingKeys };
}
