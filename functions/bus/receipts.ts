import type { AnswerOf, Receipt } from '../protocol/answers.ts';
import type { Loaded, Merged, RepositoryName } from '../repositories/repository.ts';
import type { Session } from '../session/session.ts';
import { versionOf } from '../session/version.ts';

/** What the repositories said, in the order in which they were asked. */
export type Asked = Receipt['asked'];

export function askedToLoad(repository: RepositoryName, loaded: Loaded): Asked[number] {
	return { repository, outcome: loaded.kind === 'failed' ? loaded.reason : loaded.kind };
}

export function askedToMerge(repository: RepositoryName, merged: Merged): Asked[number] {
	if (merged.kind === 'failed') return { repository, outcome: merged.reason };
	return { repository, outcome: merged.session === undefined ? 'absent' : 'stored' };
}

/** The answer for a session's record, which may be a tombstone. */
export function answerWith(
	session: Session,
	from: { readonly asked: Asked; readonly chosen: RepositoryName; readonly nowMs: number; readonly degraded: boolean },
): AnswerOf<'found' | 'revoked'> {
	const receipt = {
		asked: from.asked,
		chosen: from.chosen,
		version: versionOf(session),
		ageMs: Math.max(0, from.nowMs - session.lastSeenAtMs),
		degraded: from.degraded,
	};
	return { kind: session.revocation === undefined ? 'found' : 'revoked', session, receipt };
}

export function absent(asked: Asked): AnswerOf<'absent'> {
	return { kind: 'absent', receipt: { asked, degraded: false } };
}

export function unavailable(reason: string, asked: Asked): AnswerOf<'unavailable'> {
	return { kind: 'unavailable', reason, receipt: { asked, degraded: true } };
}
