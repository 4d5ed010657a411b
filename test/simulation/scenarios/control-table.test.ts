import { describe, expect } from 'vitest';
import { timing } from '../world/settings.ts';
import { allowed, expectKind, outcomeOf, serverNames, tell } from './story.ts';
import { roundTripMs, untilSealableMs, untilSyncIsRetriedMs } from './waits.ts';

describe('an unreachable control table', () => {
	for (const how of ['refuses', 'is silent'] as const)
		tell(
			`while the control table ${how}, memory is used within the staleness bound, and then sessions are read through the bus`,
			async (story) => {
				const ann = await story.login('A');
				allowed(await story.authorize('A', ann));
				story.outage('control', how);

				const warm = allowed(await story.authorize('A', ann));
				expect(warm.evidence).toMatchObject({ source: 'memory', remoteCalls: 0 });
				await story.pass(timing.maxStalenessMs);
				for (let request = 0; request < 2; request++) {
					const { evidence } = allowed(await story.authorize('A', ann));
					expect(evidence).toMatchObject({ source: 'reloaded', receipt: { chosen: 'dynamodb' }, owner: { epoch: 1 } });
					await story.pass(500);
				}
				expect(story.timesSent('read', ann)).toBe(2);

				story.endOutage('control');
				await story.pass(timing.maxStalenessMs);
				const again = allowed(await story.authorize('A', ann));
				expect(again.evidence).toMatchObject({ source: 'memory', owner: warm.evidence.owner });
			},
		);

	tell(
		'after one request found the control table unreachable, the next requests do not try a sync for a while',
		async (story) => {
			const ann = await story.login('A');
			allowed(await story.authorize('A', ann));
			story.outage('control', 'refuses');
			expect(allowed(await story.authorize('A', ann, 'vault')).evidence.remoteCalls).toBe(2);
			expect(allowed(await story.authorize('A', ann, 'vault')).evidence.remoteCalls).toBe(1);

			story.endOutage('control');
			await story.pass(untilSyncIsRetriedMs);
			const { evidence } = allowed(await story.authorize('A', ann, 'vault'));
			expect(evidence).toMatchObject({ source: 'memory', remoteCalls: 1 });
		},
	);

	tell(
		'a session is read and not adopted while the lease of its owner is unreachable, and the evidence says so',
		async (story) => {
			const ann = await story.login('A');
			story.kill('A');
			await story.pass(untilSealableMs);
			story.outage('control', 'refuses');

			const { evidence } = allowed(await story.authorize('B', ann));
			expect(evidence).toMatchObject({ source: 'borrowed', owner: { epoch: 1 }, lease: { standing: 'unreachable' } });
			expect(evidence.lease).not.toHaveProperty('expiresAtMs');
			expect(story.timesSent('recover', ann)).toBe(0);

			story.endOutage('control');
			await story.pass(untilSyncIsRetriedMs);
			const later = allowed(await story.authorize('B', ann));
			expect(later.evidence).toMatchObject({ source: 'failover', lease: { standing: 'sealed', seal: 'now' } });
			await story.pass(roundTripMs);
			expect(story.stored('dynamodb', ann)?.owner).toEqual({ epoch: 2, instanceId: later.evidence.instanceId });
		},
	);

	tell('a server without a lease does not adopt, even if it knows that the owner is sealed', async (story) => {
		const [ann, bob] = [await story.login('A'), await story.login('A')];
		story.kill('A');
		await story.pass(untilSealableMs);
		allowed(await story.authorize('B', ann));
		story.outage('control', 'refuses');
		await story.pass(timing.leaseDurationMs);

		const { evidence } = allowed(await story.authorize('B', bob));
		expect(evidence).toMatchObject({ source: 'borrowed', owner: { epoch: 1 }, lease: { remembered: true } });
		expect(story.timesSent('recover', bob)).toBe(0);
	});

	tell(
		'an adopted session is lent while the control table is silent, although its token names the lost owner',
		async (story) => {
			const [ann, bob] = [await story.login('A'), await story.login('A')];
			story.kill('A');
			await story.pass(untilSealableMs);
			allowed(await story.authorize('B', ann));
			allowed(await story.authorize('C', bob));
			await story.pass(roundTripMs);
			story.outage('control', 'is silent');

			const { evidence } = allowed(await story.authorize('C', ann));
			expect(evidence).toMatchObject({ source: 'borrowed', owner: { epoch: 2 }, lease: { remembered: true } });
			expect(story.timesSent('recover', ann)).toBe(3);
		},
	);

	tell('clients log in while the control table is unreachable, and their sessions are adopted later', async (story) => {
		story.outage('control', 'refuses');
		const ann = await story.login('A');
		const orphan = allowed(await story.authorize('A', ann));
		expect(orphan.evidence).toMatchObject({
			source: 'borrowed',
			owner: { epoch: 1 },
			lease: { standing: 'unreachable' },
		});
		expect(orphan.evidence.owner.instanceId).not.toBe(orphan.evidence.instanceId);

		story.endOutage('control');
		await story.pass(untilSyncIsRetriedMs);
		const { evidence } = allowed(await story.authorize('A', ann));
		expect(evidence).toMatchObject({
			source: 'failover',
			lease: { instanceId: orphan.evidence.owner.instanceId, standing: 'sealed', seal: 'before' },
			owner: orphan.evidence.owner,
		});
		await story.pass(roundTripMs);
		expect(story.stored('dynamodb', ann)?.owner).toEqual({ epoch: 2, instanceId: evidence.instanceId });
	});

	tell('a logout that cannot be announced is not acknowledged until it is repeated later', async (story) => {
		const ann = await story.login('A');
		allowed(await story.authorize('B', ann));
		story.outage('control', 'refuses');
		expectKind(await story.logout('A', ann), 'unavailable');
		expect(outcomeOf(await story.authorize('C', ann))).toBe('session_revoked');

		story.endOutage('control');
		expect(await story.logout('A', ann)).toMatchObject({ kind: 'ended', complete: true });
		await story.pass(timing.maxStalenessMs);
		for (const server of serverNames) expect(outcomeOf(await story.authorize(server, ann))).toBe('session_revoked');
	});

	tell(
		'a server cut off from the control table asks the bus for a strict service, which sees every acknowledged change',
		async (story) => {
			const ann = await story.login('A');
			allowed(await story.authorize('B', ann));
			story.cutOff('B', 'control');
			expectKind(await story.update('A', ann, { draft: 'new' }), 'updated');

			const { session, evidence } = allowed(await story.authorize('B', ann, 'vault'));
			expect(evidence).toMatchObject({ source: 'borrowed', receipt: { chosen: 'dynamodb' } });
			expect(session.attributes['draft']).toMatchObject({ value: 'new' });
			await story.logout('A', ann);
			expect(outcomeOf(await story.authorize('B', ann, 'vault'))).toBe('session_revoked');
		},
	);
});
