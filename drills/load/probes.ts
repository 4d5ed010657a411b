import type { Stage } from '../stage.ts';
import type { ClientAnswer, ClientSession, Clients } from './clients.ts';
import { changeNickname, logOut } from './writes.ts';

/** A decision for the service that every live session may use. */
export const profileDecision = '/v1/authorize?service=profile';

/** Creates sessions that the load does not use, for a drill's own requests. */
export async function logInSome({ clients }: Stage, name: string, count: number): Promise<readonly ClientSession[]> {
	const sessions: ClientSession[] = [];
	for (let user = 0; user < count; user++) sessions.push(await clients.login(`${name}-${user}`));
	return sessions;
}

/**
 * Sends one of each kind of write: a login, a change of each session in `changing`, a logout of
 * each in `ending`.
 */
export async function writeEach(
	{ clients }: Stage,
	{ changing, ending }: { readonly changing: readonly ClientSession[]; readonly ending: readonly ClientSession[] },
	name: string,
): Promise<readonly ClientAnswer[]> {
	const answers = [await clients.tryLogin(name)];
	for (const session of changing) answers.push(await changeNickname(clients, session, name));
	for (const session of ending) answers.push(await logOut(clients, session));
	return answers;
}

export function statusesOf(answers: readonly ClientAnswer[]): string {
	return [...new Set(answers.map(({ status }) => status))].join(', ');
}

/** Asks for each session until it is allowed. Returns the number of other answers. */
export async function askUntilAllowed({ clients, wait }: Stage, sessions: readonly ClientSession[]): Promise<number> {
	let refused = 0;
	const giveUpAt = performance.now() + allowedMsMax;
	for (const session of sessions)
		while ((await clients.ask(session, 'GET', profileDecision)).status !== 204) {
			refused++;
			if (performance.now() > giveUpAt) return refused;
			await wait(askEveryMs);
		}
	return refused;
}

const askEveryMs = 50;
/** Longer than the bar of any drill. */
const allowedMsMax = 20_000;

/**
 * Asks every instance for each of these ended sessions. Returns how often the answer was not 401.
 */
export async function countStillAllowed(clients: Clients, ended: readonly ClientSession[]): Promise<number> {
	let allowed = 0;
	for (const target of await clients.instanceNames('session-server'))
		for (const session of ended)
			if ((await clients.ask(session, 'GET', profileDecision, { target })).status !== 401) allowed++;
	return allowed;
}
