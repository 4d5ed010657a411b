import { timingDefaults } from '../../functions/control-table/timing.ts';
import { changeNote } from '../load/change-note.ts';
import type { Answered, ClientSession, Clients } from '../load/clients.ts';
import { logOut } from '../load/log-out.ts';
import { adoptedAfterMs, firstAdoption, quietSessions } from '../measures/adoption.ts';
import { atLeast, atMost, holds, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Sessions that change while their owner is frozen with a copy of each in memory. */
const heldSessions = 10;

/**
 * Freezes a session's owner until its lease has been sealed, and lets it go on. It must not answer from the memory that it
 * still has: some of its sessions have been changed or ended meanwhile (I4).
 */
export function freezeOwner(): Promise<Report> {
	return onStage({}, async (stage) => {
		const { clients } = stage;
		const quiet = await quietSessions(stage);
		const target = quiet[0]?.ownerProcess ?? '';
		const held: ClientSession[] = [];
		for (let user = 0; user < heldSessions; user++) held.push(await clients.login(`held-${user}`, { target }));
		const idBefore = await instanceAt(clients, held, target);
		await clients.control('POST', `/instances/${target}/stop`, {});
		const frozenAt = performance.now();
		const adopted = await firstAdoption(stage, quiet);
		const adoptionMs = adoptedAfterMs(adopted, frozenAt);
		const changed = await changeWhileFrozen(stage, held);
		await clients.control('POST', `/instances/${target}/continue`, {});
		const thawed = await askThawed(clients, held, target);
		const { leaseDurationMs, skewMs } = timingDefaults;
		return stage.finish(
			'freeze-owner',
			() => [
				holds('a session of the frozen owner was adopted', adopted !== undefined, adopted?.evidence?.source ?? 'never'),
				atMost('from freeze to adoption', leaseDurationMs + skewMs + 2_500, adoptionMs, ' ms'),
				atLeast('sessions changed or ended during the freeze', heldSessions, changed),
				holds('after the thaw it has another name', wasRenamed(thawed, idBefore), `${idBefore}, then ${idsOf(thawed)}`),
				atMost('answers after the thaw from the memory of before', 0, countFrom(thawed, idBefore)),
				atMost('ended sessions that it let in', 0, countLetIn(held, thawed)),
				atMost('changes that it did not see', 0, countUnseen(held, thawed)),
			],
			[...quiet, ...held],
		);
	});
}

async function instanceAt(clients: Clients, sessions: readonly ClientSession[], target: string): Promise<string> {
	const [session] = sessions;
	if (session === undefined) return 'none';
	const { evidence } = await clients.ask(session, 'GET', '/v1/session', { target });
	return evidence?.instanceId ?? 'unknown';
}

/** Half of the sessions are logged out, half are changed, at other instances. Returns how many of these were acknowledged. */
async function changeWhileFrozen({ clients }: Stage, held: readonly ClientSession[]): Promise<number> {
	let acknowledged = 0;
	for (const [index, session] of held.entries()) {
		if (index % 2 === 0) {
			if ((await logOut(clients, session)).status < 300) acknowledged++;
			continue;
		}
		if ((await changeNote(clients, session, `changed while frozen ${index}`)).status === 200) acknowledged++;
	}
	return acknowledged;
}

/** The very first requests that the thawed instance gets, one for each session that it held. */
async function askThawed(
	clients: Clients,
	held: readonly ClientSession[],
	target: string,
): Promise<readonly Answered[]> {
	const answers: Answered[] = [];
	for (const session of held) answers.push(await clients.ask(session, 'GET', '/v1/session', { target }));
	return answers;
}

function idsOf(answers: readonly Answered[]): string {
	return [...new Set(answers.map(({ evidence }) => evidence?.instanceId ?? 'none'))].join(', ');
}

function wasRenamed(answers: readonly Answered[], idBefore: string): boolean {
	return answers.length > 0 && answers.every(({ evidence }) => evidence?.instanceId !== idBefore);
}

function countFrom(answers: readonly Answered[], idBefore: string): number {
	return answers.filter(({ evidence }) => evidence?.source === 'memory' && evidence.instanceId === idBefore).length;
}

function countLetIn(held: readonly ClientSession[], answers: readonly Answered[]): number {
	return held.filter(({ loggedOutMs }, index) => loggedOutMs !== undefined && answers[index]?.status !== 401).length;
}

function countUnseen(held: readonly ClientSession[], answers: readonly Answered[]): number {
	return held.filter(({ note, loggedOutMs }, index) => {
		if (loggedOutMs !== undefined) return false;
		const answer = answers[index];
		return answer?.status !== 200 || !answer.body.includes(JSON.stringify(note));
	}).length;
}
