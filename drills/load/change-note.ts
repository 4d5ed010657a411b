import type { Answered, ClientSession, Clients } from './clients.ts';

/** Changes a session's note, and remembers what the services must answer from now on: the new value, or either. */
export async function changeNote(clients: Clients, session: ClientSession, note: string): Promise<Answered> {
	const change: ClientSession['lastChange'] = { endedMs: undefined };
	session.lastChange = change;
	session.pendingNotes.push(note);
	const answered = await clients.ask(session, 'PATCH', '/v1/session', { body: { attributes: { note } } });
	change.endedMs = performance.now();
	if (answered.status !== 200) return answered;
	session.note = note;
	// A change that was never acknowledged has an earlier stamp, so it cannot win over this one any more.
	session.pendingNotes = [];
	return answered;
}
