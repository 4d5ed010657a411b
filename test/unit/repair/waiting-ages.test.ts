import type { SQSRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { waitingAges } from '../../../functions/repair/waiting-ages.ts';

const nowMs = 1_000_000;

function message(messageId: string, sentMs: number): SQSRecord {
	return { messageId, attributes: { SentTimestamp: String(sentMs) } } as SQSRecord;
}

test('the ages are those of the messages that will be delivered again', () => {
	const records = [message('a', nowMs - 900_000), message('b', nowMs - 4_000), message('c', nowMs - 70)];
	const response = { batchItemFailures: [{ itemIdentifier: 'a' }, { itemIdentifier: 'c' }] };
	expect(waitingAges(records, response, nowMs)).toEqual([900_000, 70]);
	expect(waitingAges(records, { batchItemFailures: [] }, nowMs)).toEqual([]);
});

test('a message from a clock that is ahead has the age zero', () => {
	const response = { batchItemFailures: [{ itemIdentifier: 'a' }] };
	expect(waitingAges([message('a', nowMs + 200)], response, nowMs)).toEqual([0]);
});
