import type { LambdaClient } from '@aws-sdk/client-lambda';
import { createBus } from '../../functions/bus/bus.ts';
import { measureMessage } from '../../functions/bus/measure.ts';
import { createDynamoDbFeed } from '../../functions/control-table/dynamodb/feed.ts';
import { createDynamoDbLeaseTable } from '../../functions/control-table/dynamodb/lease-table.ts';
import { createDynamoDbMarkers } from '../../functions/control-table/dynamodb/markers.ts';
import { createDynamoDbTallyCopies } from '../../functions/control-table/dynamodb/tally-copies.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { envelopeOf } from '../../functions/protocol/envelope.ts';
import { openMessage } from '../../functions/protocol/messages.ts';
import { createDynamoDbRepository } from '../../functions/repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../../functions/repositories/dynamodb/subject-index.ts';
import { createS3Repository } from '../../functions/repositories/s3/repository.ts';
import { consoleLog } from '../../functions/system/log.ts';
import { createMetrics } from '../../functions/system/metrics.ts';
import type { TimerClock } from '../../functions/system/timers.ts';
import type { Tracker } from './footprints.ts';
import { bucket, type Services, tables } from './services.ts';

/** A client of Lambda whose one function is the bus. It notes the files that each side runs. */
export function createBusFunction({ dynamoDb, s3 }: Services, clock: TimerClock, tracker: Tracker): LambdaClient {
	const bus = createBus({
		repositories: [createDynamoDbRepository(dynamoDb, tables.sessionTable, clock), createS3Repository(s3, bucket)],
		subjects: createDynamoDbSubjectIndex(dynamoDb, tables.sessionTable, clock, consoleLog),
		repairs: { enqueue: async () => undefined, enqueueSweep: async () => undefined },
		leases: createDynamoDbLeaseTable(dynamoDb, tables.controlTable),
		feed: createDynamoDbFeed(dynamoDb, tables.controlTable, { timing: timingDefaults, clock }),
		markers: createDynamoDbMarkers(dynamoDb, tables.controlTable),
		tallyCopies: createDynamoDbTallyCopies(dynamoDb, tables.controlTable),
		clock,
		timing: timingDefaults,
		log: consoleLog,
	});
	const metrics = createMetrics(() => undefined, clock);
	const send = async ({ input }: { readonly input: { readonly Payload: string } }) => {
		await tracker.note('sessionServer');
		const opened = openMessage(JSON.parse(input.Payload));
		if (opened.kind !== 'opened') throw new Error(opened.kind);
		const answer = await bus(opened.body);
		measureMessage(metrics, opened.body.operation, answer, 1);
		metrics.flush();
		consoleLog('info', 'message', { operation: opened.body.operation });
		const text = JSON.stringify(envelopeOf(answer));
		await tracker.note('bus');
		return { Payload: { transformToString: () => text } };
	};
	return { send } as unknown as LambdaClient;
}
