import type { ClientSession, Clients } from '../load/clients.ts';

/** Sessions that are not there any longer, or that have forgotten an acknowledged change (I2). */
export async function countLost(clients: Clients, sessions: readonly ClientSession[]): Promise<number> {
	let lost = 0;
	for (const session of sessions) {
		if (session.logoutBegunMs !== undefined) continue;
		const { status, body } = await clients.ask(session, 'GET', '/v1/session');
		const note = status === 200 ? (JSON.parse(body) as { attributes: { note?: string } }).attributes.note : undefined;
		const right = status === 200 && (note === session.note || session.pendingNotes.includes(note ?? ''));
		if (!right) lost++;
	}
	return lost;
}
