import type { Answer, AnswerOf } from '../protocol/answers.ts';
import type { Asker } from '../protocol/fields/asker.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { AnswerTo, OperationName } from '../protocol/operations.ts';
import type { SecretHash, SessionId } from '../session/session.ts';
import { type ForgedRecord, fingerprintOf } from '../session/signed-part.ts';
import { type Clock, ranMs } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import { busWaitMaxMs } from '../system/time-budget.ts';
import type { AskBus } from './bus-client.ts';
import { type TokenKeys, tokenKeysUnavailable } from './identity/token-keys.ts';
import type { Waiting } from './request.ts';

/**
 * A client of the bus whose answers have genuine sessions only: a session server signed what the
 * login decided. A tombstone is not checked, because it allows nothing.
 *
 * If a session is forged, or the repositories contradict each other, the client looks at the record
 * of each repository and asks once more without the forged ones. That takes two calls more, within
 * the caller's time.
 */
export function createGenuineAnswers(
	askBus: AskBus,
	ports: { readonly clock: Clock; readonly log: Log; readonly tokenKeys: Pick<TokenKeys, 'verify'> },
): AskBus {
	const { clock, log, tokenKeys } = ports;

	/** `contradicted`: not the session but the repositories are in question. */
	async function standingOf(answer: Answer): Promise<'genuine' | 'forged' | 'unavailable' | 'contradicted'> {
		if (answer.kind === 'unavailable') return answer.contradicted === true ? 'contradicted' : 'genuine';
		return answer.kind === 'found' || answer.kind === 'outdated' ? tokenKeys.verify(answer.session) : 'genuine';
	}

	/**
	 * The records that no session server has signed as they are. If one with the client's secret is
	 * genuine, those with another secret are not of this login.
	 */
	async function findForged(
		waiting: Waiting,
		{ sessionId, secretHash }: Asker,
		withinMs: number,
	): Promise<readonly ForgedRecord[]> {
		const answer = await askBus(waiting, 'inspect', { sessionId, secretHash }, withinMs);
		if (answer.kind !== 'records') return [];
		const forged: ForgedRecord[] = [];
		let isOneGenuine = false;
		for (const { repository, session } of answer.records) {
			const standing = await tokenKeys.verify(session);
			isOneGenuine ||= standing === 'genuine';
			if (standing === 'forged') forged.push({ repository, fingerprint: fingerprintOf(session) });
		}
		if (isOneGenuine) forged.push(...(answer.others ?? []));
		for (const { repository } of forged) log('error', 'a record is forged', { repository, sessionId });
		return forged;
	}

	return async <Name extends OperationName>(
		waiting: Waiting,
		operation: Name,
		fields: Omit<MessageOf<Name>, 'operation'>,
		withinMs: number = busWaitMaxMs,
		departed?: () => void,
	): Promise<AnswerTo<Name>> => {
		const begunAt = clock.now();
		const answer = await askBus(waiting, operation, fields, withinMs, departed);
		const standing = await standingOf(answer);
		if (standing === 'genuine') return answer;
		if (standing === 'unavailable') return unavailable(tokenKeysUnavailable);
		const leftMs = () => Math.floor(withinMs - ranMs(begunAt, clock.now()));
		const proof = proofOf(fields);
		if (proof === undefined || leftMs() <= 0) return unavailable(noneGenuine);
		const distrust = await findForged(waiting, proof, leftMs());
		if (distrust.length === 0 && standing === 'contradicted') return answer;
		if (leftMs() <= 0) return unavailable(noneGenuine);
		const message = distrust.length === 0 ? fields : { ...fields, distrust };
		const again = await askBus(waiting, operation, message, leftMs(), departed);
		return (await standingOf(again)) === 'genuine' ? again : unavailable(noneGenuine);
	};
}

/**
 * The session whose proof is in a message: the one that it is about, or the one that asks about its
 * subject or ends another one. Of that other one there is no proof, so a repair has to find out
 * which of its records are forged.
 */
function proofOf(fields: {
	readonly sessionId?: SessionId;
	readonly secretHash?: SecretHash;
	readonly asker?: Asker;
}): Asker | undefined {
	const { sessionId, secretHash, asker } = fields;
	return sessionId !== undefined && secretHash !== undefined ? { sessionId, secretHash } : asker;
}

const noneGenuine = 'no repository that answered has a genuine record';

function unavailable(reason: string): AnswerOf<'unavailable'> {
	return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
}
