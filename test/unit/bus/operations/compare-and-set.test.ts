import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBus } from '../../../../functions/bus/bus.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../../../functions/repositories/repository.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { versionOf } from '../../../../functions/session/version.ts';
import { exampleSession, exampleStamp } from '../../../support/example-session.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

const session = exampleSession({ attributes: { theme: { stamp: exampleStamp(1), value: 'dark' } } });
const fits = ({ attributes }: Session) =>
	Object.values(attributes).every((attribute) => !('value' in attribute) || attribute.value !== 'long');

/** Each call waits for its turn, which the scheduler gives. */
function inTurns(scheduler: fc.Scheduler, repository: Repository): Repository {
	return {
		...repository,
		load: async (id) => {
			await scheduler.schedule(Promise.resolve(), 'load');
			return repository.load(id);
		},
		merge: async (...merging) => {
			await scheduler.schedule(Promise.resolve(), 'merge');
			return repository.merge(...merging);
		},
	};
}

/** Two authors who saw the same version change it at the same moment, through two buses, in any order of the steps. */
test.each([
	['one of which makes it outgrow DynamoDB', 'long', 'light'],
	['both of which make it outgrow DynamoDB', 'long', 'long'],
	['neither of which makes it large', 'light', 'blue'],
])('of two changes of one version, %s, at most one is acknowledged', async (_what, one, other) => {
	await fc.assert(
		fc.asyncProperty(fc.scheduler(), async (scheduler) => {
			const stores = [createMemoryRepository('dynamodb', fits), createMemoryRepository('s3')];
			for (const store of stores) await store.merge(session.id, () => session);
			const shared = {
				repairs: { enqueue: async () => undefined },
				leases: createMemoryLeaseTable(),
				feed: createMemoryFeed(),
				clock: createSettableClock(),
				timing: timingDefaults,
				log: () => undefined,
			};
			const answers = Promise.all(
				[{ theme: one }, { cart: other }].map((changes, index) => {
					const bus = createBus({
						...shared,
						subjects: createMemorySubjectIndex(),
						repositories: stores.map((store) => inTurns(scheduler, store)),
					});
					const ifVersion = versionOf(session);
					const stamp = exampleStamp(2 + index, 0, `author${index}`);
					return bus({ operation: 'update', sessionId: session.id, changes, stamp, ifVersion });
				}),
			);
			const kinds = (await scheduler.waitFor(answers)).map(({ kind }) => kind);
			expect(kinds.filter((kind) => kind === 'found').length).toBeLessThanOrEqual(1);
			expect(kinds.filter((kind) => !['found', 'outdated', 'unavailable'].includes(kind))).toEqual([]);
		}),
		{ numRuns: 1_000 },
	);
});
