import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { startEmbeddedSqs } from '../../../local/services/embedded-sqs.ts';
import { createServiceConditions } from '../../../local/services/faults.ts';
import { localAccount } from '../../../local/system/local-account.ts';

test('dead messages that are moved back and delayed messages count as waiting', async () => {
	const settings = { name: 'repairs', deadLetterName: 'dead', deliveriesMax: 3, visibilitySeconds: 1 };
	const sqs = await startEmbeddedSqs(settings, createServiceConditions());
	onTestFinished(() => sqs.close());
	const client = new SQSClient({ endpoint: sqs.url, ...localAccount });
	onTestFinished(() => client.destroy());

	for (const body of ['one', 'two'])
		await client.send(new SendMessageCommand({ QueueUrl: sqs.deadLetterUrl, MessageBody: body }));
	await client.send(new SendMessageCommand({ QueueUrl: sqs.queueUrl, MessageBody: 'later', DelaySeconds: 60 }));
	expect(await sqs.counts()).toEqual({ waiting: 1, inFlight: 0, dead: 2 });
	expect(await sqs.redrive()).toBe(2);
	expect(await sqs.counts()).toEqual({ waiting: 3, inFlight: 0, dead: 0 });
	expect(await sqs.redrive()).toBe(0);
});
