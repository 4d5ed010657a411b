import type { Answered, ClientSession, Clients } from './clients.ts';

/** Logs a session out, and notes when that was begun and acknowledged. */
export async function logOut(clients: Clients, session: ClientSession, confirm?: 'everywhere'): Promise<Answered> {
	session.logoutBegunMs ??= performance.now();
	const query = confirm === undefined ? '' : `?confirm=${confirm}`;
	const answered = await clients.ask(session, 'DELETE', `/v1/session${query}`);
	if (answered.status < 300 && answered.status !== 0) session.loggedOutMs ??= performance.now();
	return answered;
}

/** How often an instance lets one of these ended sessions in; each instance is asked for each. */
export async function countLetIn(clients: Clients, ended: readonly ClientSession[]): Promise<number> {
	const instances = (await clients.control('GET', '/instances')) as { name: string; function: string }[];
	let letIn = 0;
	for (const { name } of instances.filter((instance) => instance.function === 'session-server'))
		for (const session of ended) {
			const { status } = await clients.ask(session, 'GET', '/v1/authorize?service=notes', { target: name });
			if (status !== 401) letIn++;
		}
	return letIn;
}
