import { setTimeout as delay } from 'node:timers/promises';
import { allowedStatus, type Contender } from '../contenders/contender.ts';
import type { Measured } from '../statistics/rounds.ts';

/** After this time, the story ends although the session is still let in. */
export const watchedMs = 4_000;
const pollMs = 20;

/**
 * Logs a session out while every instance knows it, and asks all of them again and again.
 *
 * @returns milliseconds from the acknowledged logout to the last request that was let in, or
 *   `watchedMs` if they still are
 */
export async function revoke(contender: Contender): Promise<Measured> {
	const session = await contender.login(`leaver-${performance.now()}`);
	const instances = await contender.instances();
	for (const target of instances) await contender.decide(session, target);
	// Another device of the same person: it keeps what it has.
	const other = { ...session, cookies: new Map(session.cookies) };
	await contender.logout(session);
	const loggedOutMs = performance.now();
	let lastAllowedMs = loggedOutMs;
	const watch = async (target: string) => {
		while (performance.now() < loggedOutMs + watchedMs) {
			const askedMs = performance.now();
			// It does not take what the server gives it, such as a removed cookie.
			const answer = await contender.decide({ ...other, cookies: new Map(other.cookies) }, target);
			if (answer.status === allowedStatus) lastAllowedMs = Math.max(lastAllowedMs, askedMs);
			else if (performance.now() > loggedOutMs + 2_500) break;
			await delay(pollMs);
		}
	};
	await Promise.all(instances.map(watch));
	return { 'last allow after the logout': lastAllowedMs - loggedOutMs };
}
