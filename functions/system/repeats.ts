import { createBoundedMap } from './bounded-map.ts';
import { type Clock, elapsedMs, type Instant } from './clock.ts';

/**
 * Decides whether a line about an event is written. The first event of a kind is. Those of the same
 * kind in the ten seconds after it are counted, and the next line of the kind tells their number.
 */
export type Repeats = (kind: string) => { readonly repeated?: number } | undefined;

const quietMs = 10_000;

/** Kinds may have parts that clients choose. Beyond this number, the one used longest ago goes. */
const kindsMax = 200;

export function createRepeats(clock: Clock): Repeats {
	const written = createBoundedMap<string, { readonly at: Instant; repeated: number }>(kindsMax);
	return (kind) => {
		const at = clock.now();
		const last = written.get(kind);
		if (last !== undefined && elapsedMs(last.at, at) < quietMs) {
			last.repeated++;
			return undefined;
		}
		written.set(kind, { at, repeated: 0 });
		return last === undefined || last.repeated === 0 ? {} : { repeated: last.repeated };
	};
}
