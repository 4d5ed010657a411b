import { expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { exampleProof, exampleSession, exampleStamp } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';
import { list } from '../../../support/subject-client.ts';

/* Lists and quotas read no attributes. */

test('a list or a quota of sessions that are too large for DynamoDB loads none of them from S3', async () => {
	const dynamodb = createMemoryRepository('dynamodb', ({ attributes }) => Object.keys(attributes).length === 0);
	const services = createMemoryServices({ repositories: [dynamodb, createMemoryRepository('s3')] });
	const loads: string[] = [];
	const bus = services.bus((call) => {
		if (call.startsWith('load')) loads.push(call);
		return 'done';
	});
	const session = exampleSession();
	const quota = { max: 100, action: 'end-oldest' } as const;
	expect((await bus({ operation: 'create', session, quota })).kind).toBe('found');
	const change = { sessionId: session.id, changes: { draft: 'large' }, stamp: exampleStamp(1) };
	expect((await bus({ operation: 'update', ...exampleProof, ...change })).kind).toBe('found');
	expect(await dynamodb.load(session.id)).toMatchObject({ session: { partial: true } });

	loads.length = 0;
	const listed = await list(bus);
	expect(listed).toMatchObject({ kind: 'listed', sessions: [{ id: session.id, receipt: { chosen: 'dynamodb' } }] });
	expect(loads, 'of the asker and of the session').toEqual(['load from dynamodb', 'load from dynamodb']);
	expect((await bus({ operation: 'read', sessionId: session.id, ...exampleProof, demand: 'bounded' })).kind).toBe(
		'found',
	);
	expect(loads).toContain('load from s3');
});
