import { describe, expect } from 'vitest';
import { timing } from '../../world/settings.ts';
import { allowed, type Client, expectKind, outcomeOf, type ServerName, type Story, tell } from '../story.ts';
import { roundTripMs } from '../waits.ts';

const carries = { carries: true };

/**
 * Logs in a client that carries a copy, while these servers know the keys of both buses and have
 * read the feed back.
 */
async function carrier(story: Story, ...servers: readonly ServerName[]): Promise<Client> {
	for (let round = 0; round < 8; round++) {
		const other = await story.login('A');
		for (const server of servers) allowed(await story.authorize(server, other));
		await story.pass(roundTripMs);
	}
	const ann = await story.login('A');
	expect(ann.carried).toBeDefined();
	return ann;
}

describe('a carried copy', () => {
	tell(
		'a server that never saw the session decides without a call',
		async (story) => {
			const ann = await carrier(story, 'B');
			// It syncs now, so that no sync is due.
			allowed(await story.authorize('B', await story.login('A'), 'vault'));
			const before = story.calls('B');
			expect(allowed(await story.authorize('B', ann)).evidence).toMatchObject({ source: 'carried', remoteCalls: 0 });
			expect(allowed(await story.authorize('B', ann)).evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
			expect(story.calls('B')).toBe(before);
		},
		carries,
	);

	tell(
		'a logout elsewhere counts within the staleness bound, where the copy was used and where it was not',
		async (story) => {
			const ann = await carrier(story, 'B', 'C');
			allowed(await story.authorize('B', ann));
			expect(expectKind(await story.logout('A', ann), 'ended').complete).toBe(true);
			await story.pass(timing.maxStalenessMs);
			for (const server of ['B', 'C'] as const)
				expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
		},
		carries,
	);

	tell(
		'a strict service lets nobody in by a copy once the logout is acknowledged',
		async (story) => {
			const ann = await carrier(story, 'B');
			await story.logout('A', ann);
			expect(outcomeOf(await story.authorize('B', ann, 'vault'))).toBe('session_revoked');
		},
		carries,
	);

	tell(
		'a server that starts after the logout lets nobody in by a copy, also if it cannot ask the bus',
		async (story) => {
			const ann = await carrier(story);
			await story.logout('A', ann);
			story.kill('C');
			story.restart('C');
			story.cutOff('C', 'bus');
			for (let tries = 0; tries < 3; tries++) expect(outcomeOf(await story.authorize('C', ann))).toBe('unavailable');
		},
		carries,
	);
});
