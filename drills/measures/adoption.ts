import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientAnswer, ClientSession } from '../load/clients.ts';
import type { Stage } from '../stage.ts';

/** Enough that each look until the owner's lease expires can use an untouched session. */
const quietMax = 60;
const lookEveryMs = 250;

/**
 * Creates sessions of one owner that no client uses until the owner is down. So no other instance
 * has a copy.
 */
export async function quietSessions({ clients }: Stage): Promise<readonly ClientSession[]> {
	const [target] = await clients.instanceNames('session-server');
	const sessions: ClientSession[] = [];
	for (let user = 0; user < quietMax; user++)
		sessions.push(await clients.login(`quiet-${user}`, target === undefined ? {} : { target }));
	return sessions;
}

/** Milliseconds from `sinceMs` to the answer that shows the adoption. */
export function adoptedAfterMs(adopted: ClientAnswer | undefined, sinceMs: number): number {
	return adopted === undefined ? Number.POSITIVE_INFINITY : Math.round(adopted.sentAtMs + adopted.elapsedMs - sinceMs);
}

/**
 * Uses one untouched session after the other until a decision adopts a session of the owner that is
 * down. Such a decision may be one of these requests or one of the load. Until then, instances
 * borrow each session and must refuse none.
 *
 * @returns the answer that shows the adoption
 */
export async function firstAdoption(
	{ clients, load }: Stage,
	quiet: readonly ClientSession[],
): Promise<ClientAnswer | undefined> {
	const seen: { first?: ClientAnswer } = {};
	const look = (answer: ClientAnswer) => {
		if (answer.evidence?.source === 'failover') seen.first ??= answer;
	};
	load.onAnswer = (answer, _session, kind) => {
		if (kind !== 'change') look(answer);
	};
	for (const session of quiet) {
		const answer = await clients.ask(session, 'GET', '/v1/authorize?service=billing');
		load.tally.requests++;
		if (answer.status !== 204) load.tally.failed++;
		look(answer);
		if (seen.first !== undefined) break;
		await sleep(lookEveryMs);
	}
	return seen.first;
}
