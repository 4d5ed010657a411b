import assert from 'node:assert/strict';
import { createBus } from '../../functions/bus/bus.ts';
import type { Markers } from '../../functions/control-table/markers.ts';
import { createMemoryFeed } from '../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { repairSession } from '../../functions/repair/repair-session.ts';
import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../functions/repositories/memory/subject-index.ts';
import type { Repository } from '../../functions/repositories/repository.ts';
import { withActivity } from '../../functions/session/lifetime.ts';
import { exampleProof, exampleSession, exampleStartMs } from './example-session.ts';
import type { Gate } from './interleavings.ts';
import { createDoubtPorts } from './memory/doubt-ports.ts';
import { noRepairs } from './no-repairs.ts';
import { createSettableClock } from './settable-clock.ts';

/*
 * A bus acknowledges a logout that S3 has and DynamoDB missed. Meanwhile repairs give DynamoDB what
 * it missed and settle the marker. A reader looks at the marker and loads from DynamoDB. In no
 * order of all these steps may a reader that begins after the acknowledgement believe DynamoDB
 * without the logout.
 */

/** States to begin with. In each, DynamoDB and S3 hold the session alike at first. */
export const beginnings: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
	'nothing was missed before': async () => undefined,
	'an earlier change was missed': (stage) => stage.missed(),
	'an earlier change was missed and repaired': async (stage) => {
		await stage.missed();
		await stage.repair();
	},
};

export type Stage = Awaited<ReturnType<typeof createStage>>;

/** `assert` checks here, because an `expect` takes ten times as long as the steps between two. */
export async function createStage(gate: Gate, begin: (stage: Stage) => Promise<void>) {
	const session = exampleSession();
	const { id } = session;
	const dynamodb = createMemoryRepository('dynamodb');
	const s3 = createMemoryRepository('s3');
	const { markers, tallyCopies } = createDoubtPorts();
	let gated = false;
	/** The state after each step: whether DynamoDB lacks the logout, and what a look would find. */
	const states: { readonly behind: boolean; readonly found: 'none' | 'open' | 'settled' }[] = [];
	let acknowledged: number | undefined;

	async function step<Result>(take: () => Promise<Result>): Promise<Result> {
		if (gated) await gate();
		const result = await take();
		const loaded = await dynamodb.load(id);
		const found = (await markers.look(id)).get('dynamodb')?.state ?? 'none';
		states.push({ behind: loaded.kind !== 'found' || loaded.session.revocation === undefined, found });
		return result;
	}

	// Only calls whose effect or answer depends on other processes are steps.
	const stepwise: Markers = {
		open: (...open) => step(() => markers.open(...open)),
		look: (...look) => step(() => markers.look(...look)),
		settle: (...settle) => step(() => markers.settle(...settle)),
	};
	const inS3: Repository = {
		...s3,
		load: (of) => step(() => s3.load(of)),
		merge: (...merge) => step(() => s3.merge(...merge)),
	};
	const subjects = createMemorySubjectIndex();
	const clock = createSettableClock();
	const feed = createMemoryFeed();
	const down = { kind: 'failed', reason: 'unavailable', cause: undefined } as const;
	const bus = createBus({
		repositories: [{ ...dynamodb, load: async () => down, merge: async () => down }, inS3],
		subjects,
		repairs: noRepairs,
		leases: createMemoryLeaseTable(),
		feed: { ...feed, append: (entry) => step(() => feed.append(entry)) },
		markers: stepwise,
		tallyCopies,
		clock,
		timing: timingDefaults,
		log: () => undefined,
	});

	const stage = {
		missed: async () => {
			await s3.merge(id, (stored) => stored && withActivity(stored, exampleStartMs + 1));
			await markers.open(id, ['dynamodb'], { openedAtMs: exampleStartMs, expiresAtMs: undefined });
		},
		logOut: async () => {
			const revocation = { atMs: exampleStartMs, reason: 'logout' } as const;
			const about = { sessionId: id, asker: { sessionId: id, ...exampleProof }, changeId: 'out', proofWanted: false };
			const answer = await bus({ operation: 'revoke', ...about, revocation });
			assert.equal(answer.kind, 'revoked');
			acknowledged = states.length - 1;
		},
		repair: async () => {
			const repositories = [
				{ ...dynamodb, merge: (...merge: Parameters<Repository['merge']>) => step(() => dynamodb.merge(...merge)) },
				inS3,
			];
			const ports = { repositories, subjects, markers: stepwise, clock };
			assert.equal((await repairSession(ports, id)).kind, 'repaired');
		},
		play: async (processes: readonly (() => Promise<void>)[]) => {
			gated = true;
			await Promise.all(processes.map((process) => process()));
			gated = false;
			assert.equal(misled(), undefined);
			await stage.repair();
			assert.deepEqual(markers.listOpen(), []);
			assert.deepEqual(await dynamodb.load(id), await s3.load(id));
		},
	};

	/** Describes a reader that could have believed DynamoDB without the logout, if there is one. */
	function misled(): string | undefined {
		for (const [loadedAt, { behind }] of states.entries()) {
			if (acknowledged === undefined || loadedAt < acknowledged || !behind) continue;
			for (const [lookedAt, { found }] of states.entries()) {
				// A load that is sent before a look has found the marker settled is made again.
				const isBelieved = found === 'none' || (found === 'settled' && lookedAt <= loadedAt);
				if (lookedAt >= acknowledged && isBelieved)
					return `acknowledged after step ${acknowledged}, loaded after ${loadedAt}, looked after ${lookedAt}`;
			}
		}
		return undefined;
	}

	for (const repository of [dynamodb, s3]) await repository.merge(id, () => session);
	await begin(stage);
	return stage;
}
