import { timingDefaults } from '../../functions/control-table/timing.ts';
import type { ClientAnswer, ClientSession, Clients } from '../load/clients.ts';
import { profileDecision } from '../load/probes.ts';
import { changeNickname, isAcknowledged, logOut } from '../load/writes.ts';
import { adoptedAfterMs, firstAdoption, quietSessions } from '../measures/adoption.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Sessions that change while their owner is frozen with a copy of each in memory. */
const heldSessions = 10;

/**
 * Freezes a session's owner until its lease is sealed, and then lets it continue. It still has its
 * sessions in memory, but must not answer from there, because some of them were changed or ended
 * during the freeze (I4). Half of the clients carry copies from before the freeze.
 */
export function freezeOwner(): Promise<Report> {
	return onStage({ carrying: true }, async (stage) => {
		const { clients } = stage;
		const quiet = await quietSessions(stage);
		const target = quiet[0]?.ownerProcess ?? '';
		const held: ClientSession[] = [];
		for (let user = 0; user < heldSessions; user++)
			held.push(await clients.login(`held-${user}`, { target, carries: user % 4 < 2 }));
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
			(tally) => [
				atLeast('decisions with a carried copy', stage.sessions.length, tally.carried),
				mustHold(
					'an instance adopted a session of the frozen owner',
					adopted !== undefined,
					adopted?.answer.evidence?.source ?? 'never',
				),
				atMost('time from the freeze to the adoption', leaseDurationMs + skewMs + 2_500, adoptionMs, ' ms'),
				atLeast('sessions changed or ended during the freeze', heldSessions, changed),
				mustHold(
					'the thawed instance has a new instance id',
					wasRenamed(thawed, idBefore),
					`${idBefore}, then ${idsOf(thawed)}`,
				),
				atMost('answers of the thawed instance from its old memory', 0, countFrom(thawed, idBefore)),
				atMost('ended sessions that it allowed', 0, countAllowed(held, thawed)),
				atMost('changes that it did not show', 0, countUnseen(held, thawed)),
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

/**
 * Logs out half of the sessions and changes the others, at other instances. Returns the number of
 * acknowledged writes.
 */
async function changeWhileFrozen({ clients }: Stage, held: readonly ClientSession[]): Promise<number> {
	let acknowledged = 0;
	for (const [index, session] of held.entries()) {
		if (index % 2 === 0) {
			if (isAcknowledged(await logOut(clients, session))) acknowledged++;
			continue;
		}
		if ((await changeNickname(clients, session, `changed while frozen ${index}`)).status === 200) acknowledged++;
	}
	return acknowledged;
}

/**
 * Sends the first requests that the thawed instance gets, one for each session that it held: a
 * decision about each that was ended, and a view of each that was changed.
 */
async function askThawed(
	clients: Clients,
	held: readonly ClientSession[],
	target: string,
): Promise<readonly ClientAnswer[]> {
	const answers: ClientAnswer[] = [];
	for (const session of held) {
		const path = session.loggedOutMs === undefined ? '/v1/session' : profileDecision;
		answers.push(await clients.ask(session, 'GET', path, { target }));
	}
	return answers;
}

function idsOf(answers: readonly ClientAnswer[]): string {
	return [...new Set(answers.map(({ evidence }) => evidence?.instanceId ?? 'none'))].join(', ');
}

function wasRenamed(answers: readonly ClientAnswer[], idBefore: string): boolean {
	return answers.length > 0 && answers.every(({ evidence }) => evidence?.instanceId !== idBefore);
}

function countFrom(answers: readonly ClientAnswer[], idBefore: string): number {
	return answers.filter(({ evidence }) => evidence?.source === 'memory' && evidence.instanceId === idBefore).length;
}

function countAllowed(held: readonly ClientSession[], answers: readonly ClientAnswer[]): number {
	return held.filter(({ loggedOutMs }, index) => loggedOutMs !== undefined && answers[index]?.status !== 401).length;
}

function countUnseen(held: readonly ClientSession[], answers: readonly ClientAnswer[]): number {
	return held.filter(({ nickname, loggedOutMs }, index) => {
		if (loggedOutMs !== undefined) return false;
		const answer = answers[index];
		return answer?.status !== 200 || !answer.body.includes(JSON.stringify(nickname));
	}).length;
}
