import type { Stage } from '../stage.ts';
import { changeNote } from './change-note.ts';
import type { Answered, ClientSession } from './clients.ts';
import { logOut } from './log-out.ts';

/** Sessions beside those of the load, for what a drill does itself. */
export async function logInSome({ clients }: Stage, name: string, count: number): Promise<readonly ClientSession[]> {
	const sessions: ClientSession[] = [];
	for (let user = 0; user < count; user++) sessions.push(await clients.login(`${name}-${user}`));
	return sessions;
}

/** A login, a change of each of these sessions, a logout of each of those: what no instance can do alone. */
export async function writeEach(
	{ clients }: Stage,
	{ changing, ending }: { readonly changing: readonly ClientSession[]; readonly ending: readonly ClientSession[] },
	note: string,
): Promise<readonly Answered[]> {
	const answers = [await clients.tryLogin(note)];
	for (const session of changing) answers.push(await changeNote(clients, session, note));
	for (const session of ending) answers.push(await logOut(clients, session));
	return answers;
}

/** Whether a write was acknowledged, be it as degraded. */
export function isDone({ status }: Answered): boolean {
	return status >= 200 && status < 300;
}

export function statusesOf(answers: readonly Answered[]): string {
	return [...new Set(answers.map(({ status }) => status))].join(', ');
}

/** Asks for each of these sessions until it was let in. Returns how often one was not. */
export async function askUntilLetIn({ clients, wait }: Stage, sessions: readonly ClientSession[]): Promise<number> {
	let refused = 0;
	const giveUpAt = performance.now() + letInMsMax;
	for (const session of sessions)
		while ((await clients.ask(session, 'GET', '/v1/authorize?service=notes')).status !== 204) {
			refused++;
			if (performance.now() > giveUpAt) return refused;
			await wait(askEveryMs);
		}
	return refused;
}

const askEveryMs = 50;
/** Longer than any drill's bar. */
const letInMsMax = 20_000;
