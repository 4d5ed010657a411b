import type { AnswerOf } from '../protocol/answers.ts';
import { errorNameLengthMax, type Receipt } from '../protocol/receipt.ts';
import type { Failed } from '../repositories/failed.ts';
import type { Loaded, Merged } from '../repositories/repository.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { Session } from '../session/session.ts';
import { isWhole } from '../session/stub.ts';
import { versionOf } from '../session/version.ts';
import { nameOfFailure } from '../system/failed-calls.ts';

/** How each repository answered, in the order in which they were asked. */
export type RepositoryOutcomes = Receipt['asked'];

/** The repositories say different things about one session. No merge can settle that. */
export const differentRecords = 'the records of the repositories contradict each other';

export function loadOutcome(repository: RepositoryName, loaded: Loaded): RepositoryOutcomes[number] {
	return loaded.kind === 'failed' ? failedOutcome(repository, loaded) : { repository, outcome: loaded.kind };
}

export function mergeOutcome(repository: RepositoryName, merged: Merged): RepositoryOutcomes[number] {
	if (merged.kind === 'failed') return failedOutcome(repository, merged);
	if (merged.kind === 'too-large') return { repository, outcome: merged.kind };
	return { repository, outcome: merged.session === undefined ? 'absent' : 'stored' };
}

/** Only a call that failed has an error of AWS. Of others, the reason says everything. */
function failedOutcome(repository: RepositoryName, { reason, cause }: Failed): RepositoryOutcomes[number] {
	const error = nameOfFailure(cause);
	const isOfCall = reason === 'unavailable' && error !== 'Error';
	return { repository, outcome: reason, ...(isOfCall && { error: error.slice(0, errorNameLengthMax) }) };
}

/** The part of a receipt that every answer has. */
interface CallFacts {
	readonly asked: RepositoryOutcomes;
	/** Only of reads. */
	readonly tookMs?: number;
	/** Only of reads. */
	readonly hedged?: boolean;
}

/** The answer for a session's record, which may be a tombstone. */
export function answerWith(
	session: Session,
	from: CallFacts & {
		readonly chosen: RepositoryName;
		readonly nowMs: number;
		readonly degraded: boolean;
		readonly doubtful?: boolean;
	},
): AnswerOf<'found' | 'revoked'> {
	const receipt = {
		...callFactsOf(from),
		chosen: from.chosen,
		// A stub does not tell the version.
		...(isWhole(session) ? { version: versionOf(session) } : {}),
		ageMs: Math.max(0, from.nowMs - session.lastSeenAtMs),
		degraded: from.degraded,
		...(from.doubtful ? { doubtful: true } : {}),
	};
	return { kind: session.revocation === undefined ? 'found' : 'revoked', session, receipt };
}

export function absent(from: CallFacts): AnswerOf<'absent'> {
	return { kind: 'absent', receipt: { ...callFactsOf(from), degraded: false } };
}

export function unavailable(reason: string, from: CallFacts): AnswerOf<'unavailable'> {
	const receipt = { ...callFactsOf(from), degraded: true };
	return { kind: 'unavailable', reason, ...(reason === differentRecords && { contradicted: true }), receipt };
}

/**
 * Whether the session is unreadable: the repositories answered, and what they have cannot be read
 * or joined. Repeating the message does not help, so the subject's other sessions do not wait for
 * it.
 */
export function isUnreadable({ reason, receipt }: AnswerOf<'unavailable'>): boolean {
	const outcomes = receipt.asked.map(({ outcome }) => outcome);
	if (outcomes.some((outcome) => outcome === 'unavailable' || outcome === 'circuit-open')) return false;
	return (
		reason === differentRecords || outcomes.some((outcome) => outcome === 'corrupt' || outcome === 'unknown-schema')
	);
}

/** Drops what a caller has besides: a receipt with further fields would not match its schema. */
function callFactsOf({ asked, tookMs, hedged }: CallFacts): CallFacts {
	return { asked, ...(tookMs === undefined ? {} : { tookMs }), ...(hedged === undefined ? {} : { hedged }) };
}
