import type { Demand } from '../../access/service-catalog.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import { lifeOf } from '../../session/lifetime.ts';
import { merge } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { isWhole } from '../../session/stub.ts';
import type { BusContext } from '../context.ts';
import { type Asked, absent, unavailable } from '../receipts.ts';
import type { ReadAnswer, ReadResult } from './hedged-reads.ts';

/** A record that was read, and where; or the answer that there is none to be had. */
export type Selected = Pick<ReadResult, 'asked' | 'tookMs' | 'hedged'> &
	(
		| {
				readonly session: Session;
				readonly chosen: RepositoryName;
				readonly degraded: boolean;
				/** The only repository that answered may have missed a change. */
				readonly doubtful: boolean;
		  }
		| { readonly session: undefined; readonly answer: AnswerOf<'absent' | 'unavailable'> }
	);

/**
 * Chooses a repository and reads the session from it: the best candidate, and another one when that fails, says absent, is slow, or
 * may have missed a change, or has a stub. A record of one that is in doubt counts only together with those of all the others, and a
 * stub only together with a whole record, whoever asks.
 * Where nobody can be asked whether it missed a change, assumption A3 speaks for it, and the answer is degraded.
 *
 * A session that seems to have been idle for too long is looked for everywhere: activity is not noted as missed, and another
 * repository may know of it.
 *
 * `absent` only when every repository said so (I8). Who asks leniently gets a doubtful record rather than none.
 */
export async function selectAndLoad(
	context: BusContext,
	sessionId: SessionId,
	demand: Demand = 'bounded',
): Promise<Selected> {
	const nowMs = context.clock.now().wallMs;
	const read = await context.reads.ask(sessionId, demand, (answer) => answer.believed && !seemsIdle(answer, nowMs));
	const { answers, ...receipt } = read;
	for (const { name, loaded } of answers)
		if (loaded.kind === 'failed')
			context.log('warn', 'a repository could not answer', { repository: name, sessionId, reason: loaded.reason });
	const away = read.asked.some(failed);
	const vouched = answers.some(({ believed, unvouched }) => believed && !unvouched);
	const degraded =
		away || (answers.some(({ unvouched }) => unvouched) && !vouched && answers.length < context.repositories.length);
	const { join, chosen } = joinOf(answers);
	if (join !== undefined && chosen === undefined)
		return { ...receipt, session: undefined, answer: unavailable('no repository that answered has it whole', receipt) };
	const doubtful = away && !answers.some(({ believed, unvouched }) => believed || unvouched);
	if (doubtful && (join === undefined || demand !== 'lenient')) {
		const reason = join === undefined ? 'a repository did not answer' : 'the repository that answered is in doubt';
		return { ...receipt, session: undefined, answer: unavailable(reason, receipt) };
	}
	if (join === undefined || chosen === undefined) return { ...receipt, session: undefined, answer: absent(receipt) };
	return { ...receipt, session: join, chosen, degraded, doubtful };
}

function seemsIdle({ loaded }: ReadAnswer, nowMs: number): boolean {
	return loaded.kind === 'found' && lifeOf(loaded.session, nowMs) === 'expired-idle';
}

/** What the repositories said together; the record is called that of the first one that had it whole, if any had. */
function joinOf(answers: readonly ReadAnswer[]): {
	readonly join: Session | undefined;
	readonly chosen: RepositoryName | undefined;
} {
	let join: Session | undefined;
	let chosen: RepositoryName | undefined;
	for (const { name, loaded } of answers) {
		if (loaded.kind !== 'found') continue;
		join = join === undefined ? loaded.session : merge(join, loaded.session);
		if (isWhole(loaded.session)) chosen ??= name;
	}
	return { join, chosen };
}

function failed({ outcome }: Asked[number]): boolean {
	return ['unavailable', 'corrupt', 'unknown-schema', 'circuit-open'].includes(outcome);
}
