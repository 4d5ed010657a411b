import { describe, expect, test } from 'vitest';
import type { Feed } from '../../../../functions/control-table/feed.ts';
import { createMemoryFeed } from '../../../../functions/control-table/memory/feed.ts';
import { timingDefaults as timing } from '../../../../functions/control-table/timing.ts';
import type { SessionId } from '../../../../functions/session/session.ts';
import { createKnownEnds, endsMax } from '../../../../functions/session-server/memory/known-ends.ts';
import { createReadBack } from '../../../../functions/session-server/memory/read-back.ts';
import { nobody } from '../../../../functions/session-server/request.ts';
import { controlTableTryMs } from '../../../../functions/system/time-budget.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

/** An instance that has just had its first sync, and whose reads of the feed are recorded. */
function reading(feed: Feed) {
	const clock = createSettableClock();
	const ends = createKnownEnds();
	const reads: number[] = [];
	const recorded: Feed = {
		append: feed.append,
		read: (fromMs, toMs) => {
			reads.push(fromMs);
			return feed.read(fromMs, toMs);
		},
	};
	const readBack = createReadBack(
		{ clock, timing, feed: recorded },
		ends,
		() => undefined,
		() => expect.fail(),
	);
	const synced = () => readBack.begin(clock.now());
	ends.restartAt(clock.now().wallMs + 1);
	return { clock, ends, reads, readBack, synced };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('the feed', () => {
	test('is not read back to ends that were forgotten because there are too many', async () => {
		const { clock, ends, reads, synced } = reading(createMemoryFeed());
		const nowMs = clock.now().wallMs;
		synced();
		await settled();
		expect(reads.length).toBe(1);
		// All within the first step.
		const dateOf = (end: number) => nowMs - end / 8;
		for (let end = 0; end <= endsMax; end++) ends.add(`session-${end}` as SessionId, dateOf(end));
		const horizonMs = ends.horizonMs();
		expect(horizonMs).toBeGreaterThan(dateOf(endsMax));
		for (let sync = 0; sync < 3; sync++) {
			synced();
			await settled();
		}
		expect(reads.length).toBe(1);
		expect(ends.horizonMs()).toBe(horizonMs);
	});
});

describe('a request', () => {
	test('waits for a read that has just begun, and not for one that was probably frozen', async () => {
		const { clock, readBack, synced } = reading({
			append: async () => undefined,
			read: () => new Promise(() => undefined),
		});
		const knownAtMs = clock.now().wallMs - 10_000;
		synced();
		const waits = () =>
			Promise.race([readBack.wait(nobody(), knownAtMs).then(() => false), settled().then(() => true)]);
		expect(await waits()).toBe(true);
		clock.advance(controlTableTryMs);
		expect(await waits()).toBe(false);
	});
});
