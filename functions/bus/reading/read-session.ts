import type { Demand } from '../../access/service-catalog.ts';
import type { AnswerOf } from '../../protocol/answers.ts';
import { lifeOf } from '../../session/lifetime.ts';
import { DifferentSessions, merge } from '../../session/merge.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { contradictEachOther } from '../../session/signed-part.ts';
import { isWhole } from '../../session/stub.ts';
import type { BusContext } from '../context.ts';
import { absent, differentRecords, type RepositoryOutcomes, unavailable } from '../receipts.ts';
import type { Part, ReadAnswer, ReadResult } from './hedged-reads.ts';
import { areProven, type IsProven } from './proof.ts';

/** A session's record and where it was read, or the answer if there is none to return. */
export type SessionRead = Pick<ReadResult, 'asked' | 'tookMs' | 'hedged' | 'markers'> &
	(
		| {
				readonly kind: 'read';
				/** May be a tombstone. */
				readonly session: Session;
				readonly chosen: RepositoryName;
				readonly degraded: boolean;
				/** The only repository that answered may have missed a change. */
				readonly doubtful: boolean;
		  }
		| { readonly kind: 'answered'; readonly answer: AnswerOf<'absent' | 'unavailable'> }
	);

/**
 * Reads a session from the repositories. It asks the best candidate first. It asks the next one if
 * that fails, has no record or only a stub, is slow, or may have missed a change.
 *
 * - With every `demand`, a stub counts only together with a whole record. A record of a repository
 *   in doubt counts only together with those of all the others.
 * - If the control table cannot say whether a repository missed a change, all are asked. If the
 *   others do not answer, assumption A3 says that it missed none, and the answer is degraded.
 * - If a session may seem to have been idle for too long when a session server decides, all
 *   repositories are asked. No marker tells of missed activity, so another repository may know of
 *   later activity (I13).
 * - The answer is `absent` only if every repository said so (I8).
 * - With part `head`, a stub is as good as a whole record.
 * - With demand `lenient`, a doubtful record is returned where the answer would be `unavailable`.
 * - A record without `isProven` counts as no record. Since all repositories are then asked, the
 *   answer, its receipt and the calls are those for a session that does not exist.
 */
export async function readSession(
	context: BusContext,
	sessionId: SessionId,
	demand: Demand = 'bounded',
	part: Part = 'whole',
	isProven: IsProven = anyRecord,
): Promise<SessionRead> {
	const { maxStalenessMs, skewMs } = context.timing;
	// By then, a session server decides from the answer. Its clock may be ahead.
	const decidedByMs = context.clock.now().wallMs + maxStalenessMs + skewMs;
	const isEnough = (answer: ReadAnswer) =>
		answer.trusted && !seemsIdle(answer, decidedByMs) && countsWith(answer, isProven);
	const read = await context.reads.readUntil(sessionId, demand, part, isEnough);
	const head = joinUnlessDifferent(read.answers, 'head');
	const isKnown = areProven(recordsIn(read.answers), head === 'different' ? head : head.join, isProven);
	const { answers, ...facts } = isKnown ? read : withoutRecords(read);
	for (const { name, loaded } of answers)
		if (loaded.kind === 'failed')
			context.log('warn', 'a repository could not answer', { repository: name, sessionId, reason: loaded.reason });
	const someFailed = facts.asked.some(hasFailed);
	const someVerified = answers.some(({ trusted, unverified }) => trusted && !unverified);
	const degraded =
		someFailed ||
		(answers.some(({ unverified }) => unverified) && !someVerified && answers.length < context.repositories.length);
	const joined = joinUnlessDifferent(answers, part);
	// Of a head, only the life counts. It must count even if a record of the session is forged.
	if (joined === 'different' || (part === 'whole' && contradictEachOther(recordsIn(answers)))) {
		context.log('error', differentRecords, { sessionId });
		return { ...facts, kind: 'answered', answer: unavailable(differentRecords, facts) };
	}
	const { join, chosen } = joined;
	if (join !== undefined && chosen === undefined)
		return { ...facts, kind: 'answered', answer: unavailable('no repository that answered has it whole', facts) };
	const doubtful = someFailed && !answers.some(({ trusted, unverified }) => trusted || unverified);
	if (doubtful && (join === undefined || demand !== 'lenient')) {
		const reason = join === undefined ? 'a repository did not answer' : 'the repository that answered is in doubt';
		return { ...facts, kind: 'answered', answer: unavailable(reason, facts) };
	}
	if (join === undefined || chosen === undefined) return { ...facts, kind: 'answered', answer: absent(facts) };
	return { ...facts, kind: 'read', session: join, chosen, degraded, doubtful };
}

function anyRecord(): boolean {
	return true;
}

function countsWith({ loaded }: ReadAnswer, isProven: IsProven): boolean {
	return loaded.kind === 'found' && isProven(loaded.session);
}

/** The same answers as if no repository had a record of the session. */
function withoutRecords({ answers, asked, ...facts }: ReadResult): ReadResult {
	return {
		...facts,
		answers: answers.map((answer) =>
			answer.loaded.kind === 'found'
				? { ...answer, loaded: { kind: 'absent' }, trusted: false, unverified: false }
				: answer,
		),
		asked: asked.map((each) => (each.outcome === 'found' ? { ...each, outcome: 'absent' } : each)),
	};
}

function seemsIdle({ loaded }: ReadAnswer, atMs: number): boolean {
	return loaded.kind === 'found' && lifeOf(loaded.session, atMs) === 'expired-idle';
}

function joinUnlessDifferent(answers: readonly ReadAnswer[], part: Part): ReturnType<typeof joinOf> | 'different' {
	try {
		return joinOf(answers, part);
	} catch (error) {
		if (error instanceof DifferentSessions) return 'different';
		throw error;
	}
}

function recordsIn(answers: readonly ReadAnswer[]): readonly Session[] {
	return answers.flatMap(({ loaded }) => (loaded.kind === 'found' ? [loaded.session] : []));
}

/** The join of all records. `chosen` is the first repository that had the wanted part, if any. */
function joinOf(
	answers: readonly ReadAnswer[],
	part: Part,
): {
	readonly join: Session | undefined;
	readonly chosen: RepositoryName | undefined;
} {
	let join: Session | undefined;
	let chosen: RepositoryName | undefined;
	for (const { name, loaded } of answers) {
		if (loaded.kind !== 'found') continue;
		join = join === undefined ? loaded.session : merge(join, loaded.session);
		if (part === 'head' || isWhole(loaded.session)) chosen ??= name;
	}
	return { join, chosen };
}

function hasFailed({ outcome }: RepositoryOutcomes[number]): boolean {
	return ['unavailable', 'corrupt', 'unknown-schema', 'circuit-open'].includes(outcome);
}
