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

/** Each call waits until the scheduler gives it its turn. */
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

/* Two authors saw the same version and change it at the same moment, through two buses. */
test.each([
	['if one of them makes it outgrow DynamoDB', 'long', 'light'],
	['if both of them make it outgrow DynamoDB', 'long', 'long'],
	['if both of them fit into DynamoDB', 'light', 'blue'],
])('of two changes of one version, at most one is acknowledged %s', async (_when, one, other) => {
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
