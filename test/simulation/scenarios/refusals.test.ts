import { describe, expect } from 'vitest';
import { timeouts, timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';

describe('a refusal', () => {
	tell('of a session that was ended is repeated by every server without a call', async (story) => {
		const ann = await story.login('A');
		for (const server of serverNames) allowed(await story.authorize(server, ann));
		expectKind(await story.logout('A', ann), 'ended');
		await story.pass(timing.maxStalenessMs + timing.skewMs);
		for (const server of serverNames) expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
		const reads = story.timesSent('read', ann) + story.timesSent('recover', ann) + story.timesSent('revoke', ann);
		story.outage('control', 'is silent');
		story.outage('bus', 'is silent');
		await story.pass(timing.leaseDurationMs + timing.skewMs);
		for (const server of serverNames) {
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
			expect(outcomeOf(await story.authorize(server, ann, 'vault'))).toBe('session_revoked');
		}
		expect(outcomeOf(await story.logout('A', ann))).toBe('session_revoked');
		expect(story.timesSent('read', ann) + story.timesSent('recover', ann) + story.timesSent('revoke', ann)).toBe(reads);
	});

	tell('of a session that seems to be idle is not repeated once the session was used elsewhere', async (story) => {
		const ann = await story.login('A');
		story.setClock('B', timing.skewMs * 0.9);
		await story.pass(timeouts.idleMs - timing.skewMs / 2);
		expect(outcomeOf(await story.view('B', ann))).toBe('session_expired_idle');
		allowed(await story.authorize('A', ann));
		await story.pass(timing.maxStalenessMs + timing.skewMs);
		allowed(await story.authorize('B', ann));
	});

	tell('does not follow from an outage', async (story) => {
		const ann = await story.login('A');
		story.outage('bus', 'refuses');
		expect(expectKind(await story.view('B', ann), 'unavailable')).toBeDefined();
		story.endOutage('bus');
		allowed(await story.authorize('B', ann));
	});
});
