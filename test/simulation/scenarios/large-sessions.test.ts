import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, type Story, tell } from './story.ts';

/* DynamoDB has no room for a session whose note begins with "long". */

const long = { note: 'long, too long for DynamoDB' };

async function withLongNote(story: Story) {
	const ann = await story.login('A');
	expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
	expectKind(await story.update('A', ann, long), 'updated');
	return ann;
}

describe('a session that does not fit into DynamoDB', () => {
	tell('is in S3, with a stub in DynamoDB, and is read from both', async (story) => {
		const ann = await withLongNote(story);
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({ note: { value: long.note }, cart: { value: 'small' } });

		const { session, evidence } = expectKind(await story.view('B', ann), 'found');
		expect(session.attributes['note']).toMatchObject({ value: long.note });
		expect(evidence.receipt).toMatchObject({
			asked: [
				{ repository: 'dynamodb', outcome: 'found' },
				{ repository: 's3', outcome: 'found' },
			],
			chosen: 's3',
			degraded: false,
		});
	});

	tell('survives its owner', async (story) => {
		const ann = await withLongNote(story);
		story.kill('A');
		await story.pass(timing.leaseDurationMs + timing.skewMs + 10);
		const { session, evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.source).toBe('failover');
		expect(session.attributes['note']).toMatchObject({ value: long.note });
		expect(story.stored('dynamodb', ann)?.owner).toEqual(story.stored('s3', ann)?.owner);
	});

	tell('is unavailable while S3 is away, and is not shown without its attributes', async (story) => {
		const ann = await withLongNote(story);
		story.outage('s3', 'refuses');
		expect(outcomeOf(await story.view('B', ann))).toBe('unavailable');
		expect(outcomeOf(await story.update('A', ann, { cart: 'changed' }))).toBe('unavailable');
		expect(outcomeOf(await story.update('B', ann, { note: 'short' }))).toBe('unavailable');

		story.back('s3');
		const { session } = expectKind(await story.view('C', ann), 'found');
		expect(session.attributes).toMatchObject({ note: { value: long.note }, cart: { value: 'small' } });
	});

	tell('can be logged out while S3 is away', async (story) => {
		const ann = await withLongNote(story);
		expectKind(await story.view('B', ann), 'found');
		story.outage('s3', 'refuses');
		expect(await story.logout('B', ann)).toMatchObject({ kind: 'ended', complete: false });
		expect(outcomeOf(await story.authorize('C', ann, 'vault'))).toBe('session_revoked');

		story.back('s3');
		await story.drainRepairs();
		expect(story.stored('s3', ann)).toEqual(story.stored('dynamodb', ann));
	});

	tell('goes on while DynamoDB is away, and DynamoDB has no more than a stub of it afterwards', async (story) => {
		const ann = await withLongNote(story);
		story.outage('dynamodb', 'refuses');
		const { session } = expectKind(await story.view('B', ann), 'found');
		expect(session.attributes['note']).toMatchObject({ value: long.note });
		expectKind(await story.update('B', ann, { note: 'short' }), 'updated');

		story.back('dynamodb');
		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(expectKind(await story.view('C', ann), 'found').session.attributes['note']).toMatchObject({
			value: 'short',
		});
	});

	tell('that grew while DynamoDB was away leaves DynamoDB by repair', async (story) => {
		const ann = await story.login('A');
		expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, long), 'updated');
		expect(story.stored('dynamodb', ann)?.attributes).toMatchObject({ cart: { value: 'small' } });

		story.back('dynamodb');
		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({ note: { value: long.note }, cart: { value: 'small' } });
	});

	tell('does not become one while S3 is away: the change is not acknowledged, and nothing is lost', async (story) => {
		const ann = await story.login('A');
		expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
		story.outage('s3', 'refuses');
		expect(outcomeOf(await story.update('A', ann, long))).toBe('unavailable');
		expect(expectKind(await story.view('B', ann), 'found').session.attributes).toMatchObject({
			cart: { value: 'small' },
		});

		story.back('s3');
		// S3 has just failed too often to be asked at once.
		await story.pass(1_100);
		expectKind(await story.update('B', ann, long), 'updated');
		expect(story.stored('s3', ann)?.attributes).toMatchObject({ note: { value: long.note }, cart: { value: 'small' } });
	});

	tell('takes with it what S3 had missed', async (story) => {
		const ann = await story.login('A');
		story.outage('s3', 'refuses');
		expectKind(await story.update('A', ann, { cart: 'in DynamoDB alone' }), 'updated');
		story.back('s3');
		expectKind(await story.update('A', ann, long), 'updated');
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({
			note: { value: long.note },
			cart: { value: 'in DynamoDB alone' },
		});
	});

	tell('lets one of two authors have the version that both saw', async (story) => {
		const ann = await withLongNote(story);
		const { version = '' } = expectKind(await story.view('B', ann), 'found').evidence.receipt ?? {};
		expectKind(await story.update('B', ann, { cart: 'first' }, version), 'updated');
		expectKind(await story.update('C', ann, { cart: 'second' }, version), 'conflict');
		expect(story.stored('s3', ann)?.attributes).toMatchObject({ cart: { value: 'first' } });
	});
});
