import { describe, expect } from 'vitest';
import { allowed, expectKind, outcomeOf, type Story, tell } from './story.ts';
import { untilAskedAgainMs, untilSealableMs } from './waits.ts';

/* DynamoDB has no room for a session whose draft begins with "long". */

const long = { draft: 'long, too long for DynamoDB' };

async function withLongDraft(story: Story) {
	const ann = await story.login('A');
	expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
	expectKind(await story.update('A', ann, long), 'updated');
	return ann;
}

describe('a session that does not fit into DynamoDB', () => {
	tell('a large session is in S3, with a stub in DynamoDB, and is read from both', async (story) => {
		const ann = await withLongDraft(story);
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({
			draft: { value: long.draft },
			cart: { value: 'small' },
		});

		const { session, evidence } = expectKind(await story.view('B', ann), 'found');
		expect(session.attributes['draft']).toMatchObject({ value: long.draft });
		expect(evidence.receipt).toMatchObject({
			asked: [
				{ repository: 'dynamodb', outcome: 'found' },
				{ repository: 's3', outcome: 'found' },
			],
			chosen: 's3',
			degraded: false,
		});
	});

	tell('a large session survives its owner', async (story) => {
		const ann = await withLongDraft(story);
		story.kill('A');
		await story.pass(untilSealableMs);
		const { session, evidence } = allowed(await story.authorize('B', ann));
		expect(evidence.source).toBe('failover');
		expect(session.attributes['draft']).toMatchObject({ value: long.draft });
		expect(story.stored('dynamodb', ann)?.owner).toEqual(story.stored('s3', ann)?.owner);
	});

	tell('a large session is unavailable while S3 is down, and is never shown without its attributes', async (story) => {
		const ann = await withLongDraft(story);
		story.outage('s3', 'refuses');
		expect(outcomeOf(await story.view('B', ann))).toBe('unavailable');
		expect(outcomeOf(await story.update('A', ann, { cart: 'changed' }))).toBe('unavailable');
		expect(outcomeOf(await story.update('B', ann, { draft: 'short' }))).toBe('unavailable');

		story.endOutage('s3');
		await story.pass(untilAskedAgainMs);
		const { session } = expectKind(await story.view('C', ann), 'found');
		expect(session.attributes).toMatchObject({ draft: { value: long.draft }, cart: { value: 'small' } });
	});

	tell('a large session can be logged out while S3 is down', async (story) => {
		const ann = await withLongDraft(story);
		// B has a lease from now on, and so keeps a copy.
		await story.login('B');
		expectKind(await story.view('B', ann), 'found');
		story.outage('s3', 'refuses');
		expect(await story.logout('B', ann)).toMatchObject({ kind: 'ended', complete: false });
		expect(outcomeOf(await story.authorize('C', ann, 'vault'))).toBe('session_revoked');

		story.endOutage('s3');
		await story.drainRepairs();
		expect(story.stored('s3', ann)).toEqual(story.stored('dynamodb', ann));
	});

	tell(
		'a large session can be used while DynamoDB is down, and DynamoDB has only a stub of it afterwards',
		async (story) => {
			const ann = await withLongDraft(story);
			story.outage('dynamodb', 'refuses');
			const { session } = expectKind(await story.view('B', ann), 'found');
			expect(session.attributes['draft']).toMatchObject({ value: long.draft });
			expectKind(await story.update('B', ann, { draft: 'short' }), 'updated');

			story.endOutage('dynamodb');
			await story.drainRepairs();
			expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
			expect(expectKind(await story.view('C', ann), 'found').session.attributes['draft']).toMatchObject({
				value: 'short',
			});
		},
	);

	tell('a session that grew while DynamoDB was down becomes a stub there by repair', async (story) => {
		const ann = await story.login('A');
		expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
		story.outage('dynamodb', 'refuses');
		expectKind(await story.update('A', ann, long), 'updated');
		expect(story.stored('dynamodb', ann)?.attributes).toMatchObject({ cart: { value: 'small' } });

		story.endOutage('dynamodb');
		await story.drainRepairs();
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({
			draft: { value: long.draft },
			cart: { value: 'small' },
		});
	});

	tell(
		'a change that makes a session too large for DynamoDB is not acknowledged while S3 is down, and nothing is lost',
		async (story) => {
			const ann = await story.login('A');
			expectKind(await story.update('A', ann, { cart: 'small' }), 'updated');
			story.outage('s3', 'refuses');
			expect(outcomeOf(await story.update('A', ann, long))).toBe('unavailable');
			expect(expectKind(await story.view('B', ann), 'found').session.attributes).toMatchObject({
				cart: { value: 'small' },
			});

			story.endOutage('s3');
			await story.pass(untilAskedAgainMs);
			expectKind(await story.update('B', ann, long), 'updated');
			expect(story.stored('s3', ann)?.attributes).toMatchObject({
				draft: { value: long.draft },
				cart: { value: 'small' },
			});
		},
	);

	tell('a session that moves to S3 takes along the changes that S3 had missed', async (story) => {
		const ann = await story.login('A');
		story.outage('s3', 'refuses');
		expectKind(await story.update('A', ann, { cart: 'in DynamoDB alone' }), 'updated');
		story.endOutage('s3');
		expectKind(await story.update('A', ann, long), 'updated');
		expect(story.stored('dynamodb', ann)).toMatchObject({ partial: true, attributes: {} });
		expect(story.stored('s3', ann)?.attributes).toMatchObject({
			draft: { value: long.draft },
			cart: { value: 'in DynamoDB alone' },
		});
	});

	tell(
		'of two authors who saw the same version of a large session, one changes it and the other gets a conflict',
		async (story) => {
			const ann = await withLongDraft(story);
			const { version = '' } = expectKind(await story.view('B', ann), 'found').evidence.receipt ?? {};
			expectKind(await story.update('B', ann, { cart: 'first' }, version), 'updated');
			expectKind(await story.update('C', ann, { cart: 'second' }, version), 'conflict');
			expect(story.stored('s3', ann)?.attributes).toMatchObject({ cart: { value: 'first' } });
		},
	);
});
