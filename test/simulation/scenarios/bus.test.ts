import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, tell } from './story.ts';

for (const how of ['refuses', 'is silent'] as const)
	describe(`while the bus ${how}`, () => {
		tell(`while the bus ${how}, warm decisions continue past the staleness bound`, async (story) => {
			const ann = await story.login('A');
			story.outage('bus', how);
			for (let request = 0; request < 10; request++) {
				const { evidence } = allowed(await story.authorize('A', ann));
				expect(evidence.source).toBe('memory');
				await story.pass(timing.maxStalenessMs / 4);
			}
			await story.pass(timing.maxStalenessMs);
			const strict = allowed(await story.authorize('A', ann, 'vault'));
			// A read of the feed and a renewal.
			expect(strict.evidence).toMatchObject({ source: 'memory', remoteCalls: 2 });
		});

		tell(
			`while the bus ${how}, cold decisions are unavailable: the session is neither absent nor let in`,
			async (story) => {
				const ann = await story.login('A');
				story.outage('bus', how);

				const requests = [
					story.begin.authorize('B', ann),
					story.begin.authorize('B', ann, 'vault'),
					story.begin.view('C', ann),
					story.begin.authorize('C', story.stranger()),
				];
				for (const request of requests)
					expect((await story.finish<{ readonly kind: string }>(request)).kind).toBe('unavailable');

				story.endOutage('bus');
				const { evidence } = allowed(await story.authorize('B', await story.login('A')));
				expect(evidence.source).toBe('borrowed');
			},
		);

		tell(
			`while the bus ${how}, changes and logouts are unavailable, and a failed logout leaves the session as it was`,
			async (story) => {
				const ann = await story.login('A');
				story.outage('bus', how);
				expect(outcomeOf(await story.update('A', ann, { draft: 'lost' }))).toBe('unavailable');
				story.endOutage('bus');
				allowed(await story.authorize('A', ann));
				story.outage('bus', how);
				expect(outcomeOf(await story.logout('A', ann))).toBe('unavailable');

				story.endOutage('bus');
				const { session } = allowed(await story.authorize('A', ann));
				expect(session.attributes).toEqual({});
			},
		);
	});

tell(
	'a server cut off from the bus is unavailable for sessions that it does not hold, and other servers are not affected',
	async (story) => {
		const ann = await story.login('A');
		story.cutOff('B', 'bus');
		const cutOff = story.begin.authorize('B', ann);

		expect(allowed(await story.authorize('C', ann)).evidence.source).toBe('borrowed');
		expectKind(await story.finish(cutOff), 'unavailable');
	},
);
