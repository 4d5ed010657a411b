import type { Answer } from '../protocol/answers.ts';
import type { RepositoryName } from '../repositories/repository.ts';
import { merge } from '../session/merge.ts';
import { isWhole } from '../session/partial.ts';
import type { Demand } from '../session/service-catalog.ts';
import type { Session, SessionId } from '../session/session.ts';
import type { BusContext } from './bus.ts';
import type { ReadAnswer, ReadResult } from './reads.ts';
import { type Asked, absent, unavailable } from './receipts.ts';

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
		| { readonly session: undefined; readonly answer: Answer }
	);

/**
 * Chooses a repository and reads the session from it: the best candidate, and another one when that fails, says absent, is slow, or
 * may have missed a change, or has a stub. A record of one that is in doubt counts only together with those of all the others, and a
 * stub only together with a whole record, whoever asks.
 * `absent` only when every repository said so (I8). Who asks leniently gets a doubtful record rather than none.
 */
export async function selectAndLoad(
	context: BusContext,
	sessionId: SessionId,
	demand: Demand = 'bounded',
): Promise<Selected> {
	const read = await context.reads.ask(sessionId, demand, ({ believed }) => believed);
	const { answers, ...receipt } = read;
	for (const { name, loaded } of answers)
		if (loaded.kind === 'failed')
			context.log('warn', 'a repository could not answer', { repository: name, sessionId, reason: loaded.reason });
	const degraded = read.asked.some(failed);
	const { join, chosen } = joinOf(answers);
	if (join !== undefined && chosen === undefined)
		return { ...receipt, session: undefined, answer: unavailable('no repository that answered has it whole', receipt) };
	const doubtful = degraded && !answers.some(({ believed }) => believed);
	if (doubtful && (join === undefined || demand !== 'lenient')) {
		const reason = join === undefined ? 'a repository did not answer' : 'the repository that answered is in doubt';
		return { ...receipt, session: undefined, answer: unavailable(reason, receipt) };
	}
	if (join === undefined || chosen === undefined) return { ...receipt, session: undefined, answer: absent(receipt) };
	return { ...receipt, session: join, chosen, degraded, doubtful };
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
