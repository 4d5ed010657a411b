import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientSession } from '../load/clients.ts';
import { countStillAllowed } from '../load/probes.ts';
import { logOut, logOutEverywhere } from '../load/writes.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

const sessionCount = 60;
/** Sessions that log out one after the other while all sessions are in use. */
const endedCount = 30;
/** Sessions whose logout waits for the proof that every instance knows of it. */
const confirmedCount = 5;

/**
 * Logs sessions out while every instance uses them. A logout must take effect in every copy (I1),
 * also in those that half of the clients carry.
 */
export function revokeUnderLoad(): Promise<Report> {
	return onStage({ sessions: sessionCount, carrying: true }, async (stage) => {
		const { clients, sessions, load } = stage;
		const seen = { afterConfirmation: 0, lastAllowedMs: 0 };
		const confirmed = new Map<ClientSession, number>();
		load.onAnswer = ({ status, sentAtMs }, session) => {
			const { loggedOutMs } = session;
			if (status !== 204 || loggedOutMs === undefined) return;
			seen.lastAllowedMs = Math.max(seen.lastAllowedMs, sentAtMs - loggedOutMs);
			if (sentAtMs > (confirmed.get(session) ?? Number.POSITIVE_INFINITY)) seen.afterConfirmation++;
		};
		await stage.wait(1_500);
		let acknowledged = 0;
		for (const session of sessions.slice(0, endedCount)) {
			if ((await logOut(clients, session)).status === 204) acknowledged++;
			await stage.wait(50);
		}
		const confirmationsMs: number[] = [];
		for (const session of sessions.slice(endedCount, endedCount + confirmedCount)) {
			const { status, body } = await logOutEverywhere(clients, session);
			if (status !== 200) continue;
			confirmed.set(session, performance.now());
			confirmationsMs.push((JSON.parse(body) as { afterMs: number }).afterMs);
		}
		await stage.wait(timingDefaults.maxStalenessMs + 1_500);
		const revived = await countStillAllowed(clients, sessions.slice(0, endedCount + confirmedCount));
		return stage.finish('revoke-under-load', (tally) => [
			atLeast('decisions with a carried copy', sessionCount, tally.carried),
			atLeast('logouts acknowledged', endedCount, acknowledged),
			atMost('longest time that a session was allowed after', timingDefaults.maxStalenessMs, seen.lastAllowedMs, ' ms'),
			atLeast('logouts confirmed everywhere', confirmedCount, confirmed.size),
			atMost('sessions allowed after a confirmation', 0, seen.afterConfirmation),
			mustHold(
				'every confirmation says how long it took',
				confirmationsMs.every((ms) => ms >= 0),
				`${confirmationsMs.join(', ')} ms`,
			),
			atMost('ended sessions that an instance still allows', 0, revived),
		]);
	});
}
