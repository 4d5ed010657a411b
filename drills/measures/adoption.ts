import { setTimeout as sleep } from 'node:timers/promises';
import type { Answered, ClientSession } from '../load/clients.ts';
import type { Stage } from '../stage.ts';

/** So many that one is left untouched for every look until the owner's lease has expired. */
const quietMax = 60;
const lookEveryMs = 250;

/** Sessions of one owner, which nobody uses until it is dead: no other instance has a copy. */
export async function quietSessions({ clients }: Stage): Promise<readonly ClientSession[]> {
	const [target] = (await clients.control('GET', '/instances')) as { name: string; function: string }[];
	const sessions: ClientSession[] = [];
	for (let user = 0; user < quietMax; user++)
		sessions.push(await clients.login(`quiet-${user}`, target === undefined ? {} : { target: target.name }));
	return sessions;
}

/** From a moment until the adoption was answered, whenever the drill came to look at it. */
export function adoptedAfterMs(adopted: Answered | undefined, sinceMs: number): number {
	return adopted === undefined ? Number.POSITIVE_INFINITY : Math.round(adopted.sentAtMs + adopted.elapsedMs - sinceMs);
}

/**
 * Uses one untouched session after the other until a decision has adopted a session of the dead owner, be it one of these
 * requests or one of the load. Before that each is borrowed, and none refused.
 */
export async function firstAdoption(
	{ clients, load }: Stage,
	quiet: readonly ClientSession[],
): Promise<Answered | undefined> {
	const seen: { first?: Answered } = {};
	const look = (answered: Answered) => {
		if (answered.evidence?.source === 'failover') seen.first ??= answered;
	};
	load.onAnswer = (answered, _session, kind) => {
		if (kind !== 'change') look(answered);
	};
	for (const session of quiet) {
		const answered = await clients.ask(session, 'GET', '/v1/authorize?service=billing');
		load.tally.requests++;
		if (answered.status !== 204) load.tally.failed++;
		look(answered);
		if (seen.first !== undefined) break;
		await sleep(lookEveryMs);
	}
	return seen.first;
}
