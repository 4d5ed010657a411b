import type { ClientSession, Clients } from '../load/clients.ts';

/** Counts the sessions that are gone or have lost an acknowledged change (I2). */
export async function countLost(clients: Clients, sessions: readonly ClientSession[]): Promise<number> {
	let lost = 0;
	for (const session of sessions) {
		if (session.logoutBegunMs !== undefined) continue;
		const { status, body } = await clients.ask(session, 'GET', '/v1/session');
		if (status !== 200 || !isRight((JSON.parse(body) as View).attributes.nickname, session)) lost++;
	}
	return lost;
}

interface View {
	readonly attributes: { readonly nickname?: string };
}

function isRight(found: string | undefined, { nickname, pendingNicknames }: ClientSession): boolean {
	return found === nickname || pendingNicknames.includes(found ?? '');
}
