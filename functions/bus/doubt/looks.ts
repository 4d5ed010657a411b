import type { Markers, MarkersOfSession } from '../../control-table/markers.ts';
import type { SessionId } from '../../session/session.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import type { TimerClock } from '../../system/timers.ts';
import { Unreachable } from '../../system/unreachable.ts';
import { despiteFreezes } from './despite-freezes.ts';

/**
 * Looks at the markers of a session. A repository that misses a change gets an open marker before
 * the change is announced. So a reader finds the marker, or the record has every change that was
 * acknowledged before the read began. A marker that is settled vouches only for loads that are sent
 * after the look was answered. Each read must look itself: a look that is remembered may be from
 * before a change.
 */
export interface Looks {
	/**
	 * `undefined`: the control table did not answer within `lookWaitMs`, or it failed several times
	 * in a row just before. Any repository may have missed a change then.
	 */
	look(id: SessionId): Promise<MarkersOfSession | undefined>;
	/**
	 * The same, but the control table is asked in any case. For a bus that reaches only some of the
	 * repositories, and has to believe them if the control table does not answer (A3).
	 */
	insist(id: SessionId): Promise<MarkersOfSession | undefined>;
	/** Whether the control table has just failed several times, so that no look waits for it. */
	isDown(): boolean;
}

/** The control table answers within a fraction of this. Until then, readers wait. */
export const lookWaitMs = 300;
/** After this many failures in a row, readers no longer wait. */
const failuresToOpen = 2;
/** Readers do without looks for this long. Then one read looks again, and does not wait for it. */
const openMs = 1_000;

export function createLooks(markers: Markers, clock: TimerClock): Looks {
	let failures = 0;
	let failedAt: Instant | undefined;

	const isDown = () => failures >= failuresToOpen;

	async function ask(id: SessionId): Promise<MarkersOfSession | undefined> {
		const patience = clock.timer(lookWaitMs);
		const found = await Promise.race([lookUnlessUnreachable(markers, id), patience.elapsed]);
		patience.cancel();
		failures = found === undefined ? failures + 1 : 0;
		if (found === undefined) failedAt = clock.now();
		return found ?? undefined;
	}

	return {
		look: async (id) => {
			if (!isDown() || failedAt === undefined) return ask(id);
			const now = clock.now();
			if (elapsedMs(failedAt, now) >= openMs) {
				failedAt = now;
				void ask(id);
			}
			return undefined;
		},
		insist: (id) =>
			despiteFreezes(
				clock,
				lookWaitMs,
				() => ask(id),
				(found) => found === undefined,
			),
		isDown,
	};
}

async function lookUnlessUnreachable(markers: Markers, id: SessionId): Promise<MarkersOfSession | undefined> {
	try {
		return await markers.look(id);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return undefined;
	}
}
