import { setTimeout as sleep } from 'node:timers/promises';
import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
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

/** A decision with a session whose owner is down, and whose place the deciding instance takes. */
export interface Adoption {
	readonly session: ClientSession;
	readonly answer: ClientAnswer;
}

/** Milliseconds from `sinceMs` to the answer of an adoption. */
export function adoptedAfterMs(adopted: Adoption | undefined, sinceMs: number): number {
	if (adopted === undefined) return Number.POSITIVE_INFINITY;
	const { sentAtMs, elapsedMs } = adopted.answer;
	return Math.round(sentAtMs + elapsedMs - sinceMs);
}

/** Much longer than it takes to store a new owner, for which the client did not wait. */
const storedWithinMs = 3_000;

/**
 * Asks the adopting instance again until its evidence names it as the owner.
 *
 * @returns the last evidence
 */
export async function ownerAfter({ clients }: Stage, { session, answer }: Adoption): Promise<Evidence | undefined> {
	const giveUpAt = performance.now() + storedWithinMs;
	const target = answer.process === undefined ? {} : { target: answer.process };
	for (;;) {
		const { evidence } = await clients.ask(session, 'GET', '/v1/authorize?service=billing', target);
		const isOwner = evidence !== undefined && evidence.owner.instanceId === evidence.instanceId;
		if (isOwner || performance.now() > giveUpAt) return evidence;
		await sleep(100);
	}
}

/**
 * Uses one untouched session after the other until a decision adopts a session of the owner that is
 * down. Such a decision may be one of these requests or one of the load. Until then, instances
 * borrow each session and must refuse none.
 *
 */
export async function firstAdoption(
	{ clients, load }: Stage,
	quiet: readonly ClientSession[],
): Promise<Adoption | undefined> {
	const seen: { first?: Adoption } = {};
	const look = (answer: ClientAnswer, session: ClientSession) => {
		if (answer.evidence?.source === 'failover') seen.first ??= { session, answer };
	};
	load.onAnswer = (answer, session, kind) => {
		if (kind !== 'change') look(answer, session);
	};
	for (const session of quiet) {
		const answer = await clients.ask(session, 'GET', '/v1/authorize?service=billing');
		load.tally.requests++;
		if (answer.status !== 204) load.tally.failed++;
		look(answer, session);
		if (seen.first !== undefined) break;
		await sleep(lookEveryMs);
	}
	return seen.first;
}
