import { describe, expect } from 'vitest';
import { busTryMs } from '../../../functions/system/time-budget.ts';
import { timeouts, timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';
import { roundTripMs, untilAskedAgainMs, untilTouchIsDueMs } from './waits.ts';

/** Keeps waits away from the limits between which they end. */
const marginMs = 1_000;

describe('the idle expiry of a session', () => {
	tell('an idle session expires for good at every server, and no late report of activity revives it', async (story) => {
		const ann = await story.login('A');
		await story.pass(untilTouchIsDueMs);
		const report = story.hold(`touch ${ann.id}`);
		allowed(await story.authorize('A', ann));
		await story.pass(timeouts.idleMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');

		// It reports a use that is longer ago than the idle timeout.
		report();
		await story.pass(roundTripMs);
		for (const server of serverNames) {
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_expired_idle');
			expect(outcomeOf(await story.update(server, ann, { draft: 'too late' }))).toBe('session_expired_idle');
		}
		await story.deliverAgain(`touch ${ann.id}`);
		expect(outcomeOf(await story.authorize('C', ann))).toBe('session_expired_idle');
		expect(story.stored('dynamodb', ann)?.attributes).toEqual({});
	});

	tell('use before the idle expiry counts, even if it is reported after it', async (story) => {
		const ann = await story.login('A');
		await story.pass(timeouts.idleMs / 2);
		await story.view('A', ann);
		await story.pass(timing.copyAgeMs - timeouts.idleMs / 2 + marginMs);
		expect(expectKind(await story.view('A', ann), 'found').evidence.source).toBe('reloaded');
		await story.pass(timeouts.idleMs - timing.copyAgeMs - 2 * marginMs);
		// Only A knows of this use.
		story.outage('bus', 'refuses');
		const usedAtMs = allowed(await story.authorize('A', ann)).session.lastSeenAtMs;
		await story.pass(roundTripMs);
		story.endOutage('bus');
		await story.pass(marginMs + roundTripMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('session_expired_idle');

		// To the bus, the session has expired by now. So A first reports the use that kept it alive.
		expect(allowed(await story.authorize('A', ann)).evidence.source).toBe('memory');
		await story.pass(roundTripMs);
		expect(story.timesSent('touch', ann)).toBe(2);
		expect(story.stored('dynamodb', ann)?.lastSeenAtMs).toBeGreaterThanOrEqual(usedAtMs);
		expect(outcomeOf(await story.authorize('B', ann))).toBe('allowed');
	});

	tell('activity at one server keeps the session alive at servers whose copies look expired', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		/** Both servers keep their leases and their copies. */
		const busy = async (seconds: number) => {
			for (let second = 0; second < seconds; second++) {
				for (const server of ['A', 'B'] as const) allowed(await story.authorize(server, bob));
				await story.pass(1_000);
			}
		};
		await busy(10);
		// To view a session does not count as use.
		expectKind(await story.view('B', ann), 'found');
		await busy(4);
		allowed(await story.authorize('A', ann));
		await busy(10);

		const { session, evidence } = allowed(await story.authorize('B', ann));
		expect(session.lastSeenAtMs).toBeGreaterThan(session.createdAtMs);
		expect(evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' }, owner: { epoch: 1 } });
		expect(story.timesSent('read', ann)).toBe(2);
	});

	tell('activity that one repository missed keeps the session alive before the repair', async (story) => {
		const ann = await story.login('A');
		const bob = await story.login('A');
		/** The owner keeps its lease, so other servers borrow. */
		const keepOwner = async (seconds: number) => {
			for (let second = 0; second < seconds; second++) {
				allowed(await story.authorize('A', bob));
				await story.pass(1_000);
			}
		};
		story.outage('dynamodb', 'refuses');
		for (let round = 0; round < 4; round++) {
			allowed(await story.authorize('A', ann));
			await keepOwner(4);
		}
		story.endOutage('dynamodb');
		await keepOwner(8);
		// Both buses notice that DynamoDB works again, and ask it first.
		for (let request = 0; request < 10; request++) await story.authorize('C', story.stranger());
		await keepOwner(2);
		const [stale, known] = [story.stored('dynamodb', ann), story.stored('s3', ann)];
		expect(known?.lastSeenAtMs).toBeGreaterThan(stale?.lastSeenAtMs ?? 0);

		expect(allowed(await story.authorize('B', ann)).session.lastSeenAtMs).toBe(known?.lastSeenAtMs);
	});

	tell('a session lasts as long as requests come, but no longer than the age limit', async (story) => {
		const ann = await story.login('A');
		const roundMs = 5_000;
		for (let ageMs = 0; ageMs < timeouts.absoluteMs - roundMs; ageMs += roundMs) {
			for (const server of serverNames) allowed(await story.authorize(server, ann));
			await story.pass(roundMs);
		}
		await story.pass(roundMs);

		for (const server of serverNames) {
			expect(outcomeOf(await story.authorize(server, ann))).toBe('session_expired_absolute');
			expect(outcomeOf(await story.authorize(server, ann, 'vault'))).toBe('session_expired_absolute');
		}
	});
});

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

tell(
	'a login outlives the end of all others that met its first try, even if the index is down by then',
	async (story) => {
		const bob = await story.login('B');
		// The first try makes the entry of its session, and stores the session much later.
		const late = [story.hold('merge'), story.hold('merge')];
		const login = story.begin.login('A');
		await story.pass(roundTripMs);
		expectKind(await story.endOthers('B', bob), 'ended');
		story.outage('dynamodb', 'refuses');
		await story.pass(busTryMs);
		const { session, token } = expectKind(await story.finish(login), 'established');
		story.endOutage('dynamodb');
		for (const arrive of late) arrive();
		await story.drainRepairs();
		await story.pass(untilAskedAgainMs);

		// The next login ends what somebody decided to end.
		await story.login('C');
		allowed(await story.authorize('C', { id: session.id, token }, 'vault'));
	},
);
