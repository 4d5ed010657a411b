import { describe, expect } from 'vitest';
import { versionOf } from '../../../functions/session/version.ts';
import { timing } from '../world/settings.ts';
import { allowed, type Client, expectKind, outcomeOf, type Story, tell } from './story.ts';
import { roundTripMs, untilAskedAgainMs, untilSealableMs } from './waits.ts';

async function versionAt(story: Story, server: 'A' | 'B', client: Client): Promise<string> {
	return versionOf(expectKind(await story.view(server, client), 'found').session);
}

function versionStored(story: Story, client: Client): string {
	const session = story.stored('s3', client);
	if (session === undefined) throw new Error('S3 does not have the session');
	return versionOf(session);
}

describe('a change on condition of a version', () => {
	tell('of two authors who saw the same version, one changes it and the other gets a conflict', async (story) => {
		const ann = await story.login('A');
		const version = await versionAt(story, 'A', ann);
		expect(await versionAt(story, 'B', ann)).toBe(version);
		const requests = {
			'from A': story.begin.update('A', ann, { draft: 'from A' }, version),
			'from B': story.begin.update('B', ann, { draft: 'from B' }, version),
		};
		const answers = [await story.finish(requests['from A']), await story.finish(requests['from B'])];

		expect(answers.map(outcomeOf).sort()).toEqual(['conflict', 'updated']);
		const [winner] = Object.entries(requests).find(([, { answer }]) => answer?.kind === 'updated') ?? [];
		for (const answer of answers)
			expect(answer).toMatchObject({ session: { attributes: { draft: { value: winner } } } });
		for (const repository of ['dynamodb', 's3'] as const)
			expect(story.stored(repository, ann)?.attributes['draft']).toMatchObject({ value: winner });
	});

	tell('a change to an old version is a conflict, and a repeated change takes effect once', async (story) => {
		const ann = await story.login('A');
		const version = await versionAt(story, 'A', ann);
		expectKind(await story.update('B', ann, { draft: 'first' }), 'updated');
		expect(outcomeOf(await story.update('A', ann, { draft: 'second' }, version))).toBe('conflict');

		const current = await versionAt(story, 'A', ann);
		expectKind(await story.update('A', ann, { draft: 'third' }, current), 'updated');
		const record = story.stored('dynamodb', ann);
		await story.deliverAgain(`update ${ann.id}`);
		expect(story.stored('dynamodb', ann)).toEqual(record);
		expect(story.stored('s3', ann)).toEqual(record);
	});

	tell('a repeated change is acknowledged, though another author has changed the session since', async (story) => {
		const ann = await story.login('A');
		const version = await versionAt(story, 'A', ann);
		const silent = story.hold('announce');
		const update = story.begin.update('A', ann, { draft: 'first' }, version);
		await story.pass(roundTripMs);
		const changed = versionStored(story, ann);
		expectKind(await story.update('B', ann, { cart: 'second' }, changed), 'updated');
		// The first try is still on its way to the feed.
		expectKind(await story.finish(update), 'updated');
		silent();
		const { session } = expectKind(await story.view('C', ann), 'found');
		expect(session.attributes).toMatchObject({ draft: { value: 'first' }, cart: { value: 'second' } });
	});

	for (const other of ['cart', 'draft'] as const)
		tell(`a repeated change of the draft is not acknowledged if a change of the ${other} was`, async (story) => {
			const ann = await story.login('A');
			const version = await versionAt(story, 'A', ann);
			await versionAt(story, 'B', ann);
			// DynamoDB decides for the author at A, and for the other author S3.
			const late = story.hold(`merge ${ann.id} in dynamodb`);
			const rival = story.begin.update('B', ann, { [other]: 'from B' }, version);
			await story.pass(10);
			const later = story.hold(`merge ${ann.id} in s3`);
			const update = story.begin.update('A', ann, { draft: 'from A' }, version);
			await story.pass(roundTripMs);
			story.outage('dynamodb', 'refuses');
			late();
			expectKind(await story.finish(rival), 'updated');
			await story.pass(1_000);
			expect(update.answer).toBeUndefined();
			story.endOutage('dynamodb');
			await story.drainRepairs();
			await story.pass(untilAskedAgainMs);

			expect(await story.deliverAgain(`update ${ann.id}`)).toMatchObject({ kind: 'unavailable' });
			later();
			expect(outcomeOf(await story.finish(update))).not.toBe('updated');
		});
});

tell('two authors who change different attributes at once both keep what they wrote', async (story) => {
	const ann = await story.login('A');
	const requests = [
		story.begin.update('A', ann, { draft: 'from A' }),
		story.begin.update('B', ann, { cart: 'from B' }),
	];
	for (const request of requests) expectKind(await story.finish(request), 'updated');

	const { session } = expectKind(await story.view('C', ann), 'found');
	expect(session.attributes).toMatchObject({ draft: { value: 'from A' }, cart: { value: 'from B' } });
});

tell(
	'the author and every strict service see a change at once, and all others within the staleness bound',
	async (story) => {
		const ann = await story.login('A');
		for (const server of ['A', 'B', 'C'] as const) allowed(await story.authorize(server, ann));
		expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');

		const draft = async (server: 'A' | 'B' | 'C', service?: 'vault') =>
			allowed(await story.authorize(server, ann, service)).session.attributes['draft'];
		expect(await draft('A')).toMatchObject({ value: 'new' });
		expect(await draft('B', 'vault')).toMatchObject({ value: 'new' });
		await story.pass(timing.maxStalenessMs);
		expect(await draft('C')).toMatchObject({ value: 'new' });
	},
);

tell('a session without the scope of a service is refused warm, cold and after a failover', async (story) => {
	const ann = await story.login('A');
	expect(outcomeOf(await story.authorize('A', ann, 'admin'))).toBe('service_forbidden');
	expect(outcomeOf(await story.authorize('B', ann, 'admin'))).toBe('service_forbidden');
	story.kill('A');
	await story.pass(untilSealableMs);
	const refused = await story.authorize('C', ann, 'admin');
	expect(outcomeOf(refused)).toBe('service_forbidden');
	expect(refused).toMatchObject({ evidence: { source: 'failover', owner: { epoch: 1 } } });
});

tell('a token with one wrong character is refused without a remote call', async (story) => {
	const ann = await story.login('A');
	const forged = { ...ann, token: `${ann.token.slice(0, -1)}${ann.token.endsWith('A') ? 'B' : 'A'}` };
	const calls = story.calls('A');

	expect(outcomeOf(await story.authorize('A', forged))).toBe('session_malformed');
	expect(story.calls('A')).toBe(calls);
});
