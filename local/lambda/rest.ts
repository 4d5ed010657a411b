import { createRandom } from '../system/random.ts';

/** How an environment stands between two invocations. */
export interface Rest {
	/** How long an environment lives, in milliseconds. Drawn for each. */
	lifeMs(): number;
	/** Called before an environment continues, with the milliseconds for which it stood. */
	onThaw(instance: string, stoodMs: number): void;
}

export interface RestOptions {
	/** Draws the lives. @default 1 */
	readonly seed?: number;
	/** The shortest and the longest life of an environment. @default 45 and 90 minutes */
	readonly lifeMs?: readonly [shortest: number, longest: number];
}

/** Lambda does not promise a life. People have seen environments live for about two hours. */
const lifeMsDefault = [45 * 60_000, 90 * 60_000] as const;

/**
 * Lambda stops an environment when its answer has left, and lets it continue for its next event. It
 * ends an environment after some hours, between two invocations.
 */
export function createRest({ seed = 1, lifeMs = lifeMsDefault }: RestOptions, onThaw: Rest['onThaw']): Rest {
	const random = createRandom(seed);
	const [shortest, longest] = lifeMs;
	return { lifeMs: () => shortest + random() * (longest - shortest), onThaw };
}
