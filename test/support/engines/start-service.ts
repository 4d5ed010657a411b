import { inject } from 'vitest';
import { embeddedDynamoDb, embeddedS3, embeddedSqs } from './embedded-services.ts';
import { remoteDynamoDb, remoteS3, remoteSqs } from './remote-services.ts';
import type { TestedDynamoDb, TestedS3, TestedSqs } from './tested-service.ts';

/*
 * The services on which a contract is tested. By default they are embedded. `npm run contract` runs
 * the same tests on one engine after the other.
 */

/** DynamoDB with an empty control table and an empty table of sessions. */
export async function startDynamoDb(): Promise<TestedDynamoDb> {
	const engine = inject('engine');
	return engine === undefined ? embeddedDynamoDb() : remoteDynamoDb(engine);
}

/** S3 with an empty bucket. */
export async function startS3(): Promise<TestedS3> {
	const engine = inject('engine');
	return engine === undefined ? embeddedS3() : remoteS3(engine);
}

/** SQS with an empty queue and its dead-letter queue. */
export async function startSqs(): Promise<TestedSqs> {
	const engine = inject('engine');
	return engine === undefined ? embeddedSqs() : remoteSqs(engine);
}
