import { describe, expect } from 'vitest';
import { versionOf } from '../../../functions/session/version.ts';
import { timing } from '../world/settings.ts';
import { allowed, type Client, expectKind, outcomeOf, type Story, tell } from './story.ts';
import { pastTheBoundMs, roundTripMs, untilAskedAgainMs, untilSealableMs } from './waits.ts';

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

describe('the author of a change', () => {
	const draftOf = async (story: Story, client: Client, service?: 'vault') =>
		allowed(await story.authorize('A', client, service));

	/** The author asks again and again for longer than a change may take to be announced. */
	async function expectWarm(story: Story, client: Client, draft: string): Promise<void> {
		const reads = story.timesSent('read', client);
		for (let waitedMs = 0; waitedMs < 3 * timing.maxStalenessMs; waitedMs += 500) {
			const { session, evidence } = await draftOf(story, client);
			expect(session.attributes['draft']).toMatchObject({ value: draft });
			expect(evidence.source).toBe('memory');
			await story.pass(500);
		}
		expect((await draftOf(story, client, 'vault')).session.attributes['draft']).toMatchObject({ value: draft });
		expect(story.timesSent('read', client)).toBe(reads);
	}

	tell('keeps the session as the change left it, and its own announcement says nothing against it', async (story) => {
		const ann = await story.login('A');
		await draftOf(story, ann);
		expectKind(await story.update('A', ann, { draft: 'first' }), 'updated');
		expectKind(await story.update('A', ann, { draft: 'second' }), 'updated');
		expect((await draftOf(story, ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
		await expectWarm(story, ann, 'second');
	});

	tell('keeps the session, though it reads the announcement before it has the answer', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		await draftOf(story, ann);
		const answer = story.holdAnswer(`update ${ann.id}`);
		const update = story.begin.update('A', ann, { draft: 'new' });
		await story.pass(pastTheBoundMs);
		await draftOf(story, bob);
		answer();
		expectKind(await story.finish(update), 'updated');
		await expectWarm(story, ann, 'new');
	});

	for (const [what, act, shown] of [
		['changed', (story: Story, ann: Client) => story.update('B', ann, { cart: 'from B' }), 'allowed'],
		['ended', (story: Story, ann: Client) => story.logout('B', ann), 'session_revoked'],
	] as const)
		tell(`keeps nothing if somebody else has ${what} the session before the answer comes`, async (story) => {
			const ann = await story.login('A');
			const bob = await story.login('A');
			await draftOf(story, ann);
			const answer = story.holdAnswer(`update ${ann.id}`);
			const update = story.begin.update('A', ann, { draft: 'new' });
			await story.pass(roundTripMs);
			await act(story, ann);
			await story.pass(pastTheBoundMs);
			await draftOf(story, bob);
			answer();
			expectKind(await story.finish(update), 'updated');

			const decision = await story.authorize('A', ann);
			expect(outcomeOf(decision)).toBe(shown);
			if (decision.kind === 'allowed') expect(decision.session.attributes['cart']).toMatchObject({ value: 'from B' });
		});

	tell('drops the session if somebody else changes it after the answer', async (story) => {
		const ann = await story.login('A');
		expectKind(await story.update('A', ann, { draft: 'from A' }), 'updated');
		expectKind(await story.update('B', ann, { draft: 'from B' }), 'updated');
		await story.pass(pastTheBoundMs);
		expect((await draftOf(story, ann)).session.attributes['draft']).toMatchObject({ value: 'from B' });
	});

	tell('does not put an earlier load in place of the change', async (story) => {
		const ann = await story.login('B');
		const bob = await story.login('A');
		const answer = story.holdAnswer(`read ${ann.id}`);
		const early = story.begin.authorize('A', ann, 'vault');
		await story.pass(roundTripMs);
		expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');
		answer();
		await story.finish(early);
		for (let waitedMs = 0; waitedMs < 3 * timing.maxStalenessMs; waitedMs += 500) {
			await draftOf(story, bob);
			expect((await draftOf(story, ann)).session.attributes['draft']).toMatchObject({ value: 'new' });
			await story.pass(500);
		}
	});

	tell('keeps nothing of a change that one repository missed', async (story) => {
		const ann = await story.login('A');
		await draftOf(story, ann);
		story.outage('s3', 'refuses');
		expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');
		expect(story.copies('A').copies).toBe(0);
	});
});

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
