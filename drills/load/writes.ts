import { setTimeout as delay } from 'node:timers/promises';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { proofWaitMs } from '../../functions/system/time-budget.ts';
import type { ClientAnswer, ClientSession, Clients } from './clients.ts';

/**
 * Changes the nickname in a session, and records which nicknames are right from now on: the new
 * one, or either if the change is not acknowledged.
 */
export async function changeNickname(
	clients: Clients,
	session: ClientSession,
	nickname: string,
): Promise<ClientAnswer> {
	const change: ClientSession['lastChange'] = { endedMs: undefined };
	session.lastChange = change;
	session.pendingNicknames.push(nickname);
	const answer = await clients.ask(session, 'PATCH', '/v1/session', { body: { attributes: { nickname } } });
	change.endedMs = performance.now();
	if (answer.status !== 200) return answer;
	session.nickname = nickname;
	// An earlier change that was never acknowledged has an earlier stamp, so it can no longer win
	// over this one.
	session.pendingNicknames = [];
	return answer;
}

/** Logs a session out, and records when the logout began and when it was acknowledged. */
export async function logOut(clients: Clients, session: ClientSession, confirm?: 'everywhere'): Promise<ClientAnswer> {
	session.logoutBegunMs ??= performance.now();
	const query = confirm === undefined ? '' : `?confirm=${confirm}`;
	const answer = await clients.ask(session, 'DELETE', `/v1/session${query}`);
	if (isAcknowledged(answer)) session.loggedOutMs ??= performance.now();
	return answer;
}

/**
 * Logs a session out, and asks again until every instance has proved that it knows, or until an
 * idle one would have been sealed.
 */
export async function logOutEverywhere(clients: Clients, session: ClientSession): Promise<ClientAnswer> {
	const until = performance.now() + timingDefaults.leaseDurationMs + timingDefaults.skewMs + proofWaitMs;
	for (;;) {
		const answer = await logOut(clients, session, 'everywhere');
		if (answer.status !== 202 || performance.now() > until) return answer;
		await delay(askAgainMs);
	}
}

/** The `Retry-After` of a proof that is not there yet. */
const askAgainMs = 1_000;

/** Whether a write was acknowledged, completely or as degraded. */
export function isAcknowledged({ status }: ClientAnswer): boolean {
	return status >= 200 && status < 300;
}
