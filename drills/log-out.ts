import type { Answered, ClientSession, Clients } from './clients.ts';

/** Logs a session out, and notes when that was begun and acknowledged. */
export async function logOut(clients: Clients, session: ClientSession, confirm?: 'everywhere'): Promise<Answered> {
	session.logoutBegunMs ??= performance.now();
	const query = confirm === undefined ? '' : `?confirm=${confirm}`;
	const answered = await clients.ask(session, 'DELETE', `/v1/session${query}`);
	if (answered.status < 300 && answered.status !== 0) session.loggedOutMs ??= performance.now();
	return answered;
}
