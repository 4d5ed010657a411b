import { type Clock, elapsedMs } from '../../system/clock.ts';

/** Freezes are rare, and seldom follow each other. */
const attemptsMax = 3;

/**
 * Asks again if the answer is missing and the environment was frozen meanwhile. The answer may have
 * come in time.
 *
 * @param waitMs how long `ask` waits for an answer
 */
export async function despiteFreezes<Answer>(
	clock: Clock,
	waitMs: number,
	ask: () => Promise<Answer>,
	isMissing: (answer: Answer) => boolean,
): Promise<Answer> {
	for (let attempt = 1; ; attempt++) {
		const begunAt = clock.now();
		const answer = await ask();
		const wasFrozen = elapsedMs(begunAt, clock.now()) > 2 * waitMs;
		if (!isMissing(answer) || !wasFrozen || attempt === attemptsMax) return answer;
	}
}
