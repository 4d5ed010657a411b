import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientSession } from '../load/clients.ts';
import { countLetIn, logOut } from '../load/log-out.ts';
import { atLeast, atMost, holds, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

const sessionCount = 60;
/** Sessions that log out one after the other while all are in use. */
const endedCount = 30;
/** Sessions whose logout waits for the proof that every instance knows. */
const confirmedCount = 5;

/** Logs sessions out while they are in use everywhere: a logout has to be one in every copy (I1). */
export function revokeUnderLoad(): Promise<Report> {
	return onStage({ sessions: sessionCount }, async (stage) => {
		const { clients, sessions, load } = stage;
		const seen = { afterConfirmation: 0, lastAllowedMs: 0 };
		const confirmed = new Map<ClientSession, number>();
		load.onAnswer = (answered, session) => {
			const { loggedOutMs } = session;
			if (answered.status !== 204 || loggedOutMs === undefined) return;
			seen.lastAllowedMs = Math.max(seen.lastAllowedMs, answered.sentAtMs - loggedOutMs);
			if (answered.sentAtMs > (confirmed.get(session) ?? Number.POSITIVE_INFINITY)) seen.afterConfirmation++;
		};
		await stage.wait(1_500);
		let acknowledged = 0;
		for (const session of sessions.slice(0, endedCount)) {
			if ((await logOut(clients, session)).status === 204) acknowledged++;
			await stage.wait(50);
		}
		const confirmationsMs: number[] = [];
		for (const session of sessions.slice(endedCount, endedCount + confirmedCount)) {
			const { status, body } = await logOut(clients, session, 'everywhere');
			if (status !== 200) continue;
			confirmed.set(session, performance.now());
			confirmationsMs.push((JSON.parse(body) as { afterMs: number }).afterMs);
		}
		await stage.wait(timingDefaults.maxStalenessMs + 1_500);
		const revived = await countLetIn(clients, sessions.slice(0, endedCount + confirmedCount));
		return stage.finish('revoke-under-load', () => [
			atLeast('logouts acknowledged', endedCount, acknowledged),
			atMost('longest that a session was let in after', timingDefaults.maxStalenessMs, seen.lastAllowedMs, ' ms'),
			atLeast('logouts confirmed everywhere', confirmedCount, confirmed.size),
			atMost('sessions let in after that', 0, seen.afterConfirmation),
			holds(
				'a confirmation says how long it took',
				confirmationsMs.every((ms) => ms >= 0),
				`${confirmationsMs.join(', ')} ms`,
			),
			atMost('ended sessions that any instance lets in at the end', 0, revived),
		]);
	});
}
