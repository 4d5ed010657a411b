import type { AnswerOf } from '../protocol/answers.ts';
import type { Receipt } from '../protocol/receipt.ts';
import type { Loaded, Merged } from '../repositories/repository.ts';
import type { RepositoryName } from '../session/repository-name.ts';
import type { Session } from '../session/session.ts';
import { versionOf } from '../session/version.ts';

/** What the repositories said, in the order in which they were asked. */
export type Asked = Receipt['asked'];

export function askedToLoad(repository: RepositoryName, loaded: Loaded): Asked[number] {
	return { repository, outcome: loaded.kind === 'failed' ? loaded.reason : loaded.kind };
}

export function askedToMerge(repository: RepositoryName, merged: Merged): Asked[number] {
	if (merged.kind === 'failed') return { repository, outcome: merged.reason };
	if (merged.kind === 'too-large') return { repository, outcome: merged.kind };
	return { repository, outcome: merged.session === undefined ? 'absent' : 'stored' };
}

/** What every receipt says of how its answer came about. */
interface Way {
	readonly asked: Asked;
	/** Of reads. */
	readonly tookMs?: number;
	readonly hedged?: boolean;
}

/** The answer for a session's record, which may be a tombstone. */
export function answerWith(
	session: Session,
	from: Way & {
		readonly chosen: RepositoryName;
		readonly nowMs: number;
		readonly degraded: boolean;
		readonly doubtful?: boolean;
	},
): AnswerOf<'found' | 'revoked'> {
	const receipt = {
		...wayOf(from),
		chosen: from.chosen,
		version: versionOf(session),
		ageMs: Math.max(0, from.nowMs - session.lastSeenAtMs),
		degraded: from.degraded,
		...(from.doubtful ? { doubtful: true } : {}),
	};
	return { kind: session.revocation === undefined ? 'found' : 'revoked', session, receipt };
}

export function absent(way: Way): AnswerOf<'absent'> {
	return { kind: 'absent', receipt: { ...wayOf(way), degraded: false } };
}

export function unavailable(reason: string, way: Way): AnswerOf<'unavailable'> {
	return { kind: 'unavailable', reason, receipt: { ...wayOf(way), degraded: true } };
}

function wayOf({ asked, tookMs, hedged }: Way): Way {
	return { asked, ...(tookMs === undefined ? {} : { tookMs }), ...(hedged === undefined ? {} : { hedged }) };
}
