import type { Answer } from '../protocol/answers.ts';
import type { RepositoryName } from '../repositories/repository.ts';
import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import { elapsedMs, type Instant } from '../system/clock.ts';
import type { BusContext } from './bus.ts';
import { doubtMs, type Look } from './doubts.ts';
import { type Asked, absent, askedToLoad, unavailable } from './receipts.ts';

/** A record that was read, and where; or the answer that there is none to be had. */
export type Selected =
	| { readonly session: Session; readonly chosen: RepositoryName; readonly asked: Asked; readonly degraded: boolean }
	| { readonly session: undefined; readonly answer: Answer; readonly asked: Asked };

/**
 * Chooses a repository and reads the session from it: the first in order, and the next one when that fails, says absent, or
 * may have missed a change. A record of one that is in doubt counts only together with those of all the others.
 * `absent` only when every repository said so (I8).
 */
export async function selectAndLoad(context: BusContext, sessionId: SessionId): Promise<Selected> {
	const asked: Asked = [];
	let session: Session | undefined;
	let chosen: RepositoryName | undefined;
	for (const { name, load } of context.repositories) {
		const looking = context.doubts.about(name);
		const loaded = await load(sessionId);
		const readAt = context.clock.now();
		asked.push(askedToLoad(name, loaded));
		if (loaded.kind === 'failed') reportFailure(context, name, sessionId, loaded.reason);
		if (loaded.kind !== 'found') continue;
		session = session === undefined ? loaded.session : merge(session, loaded.session);
		chosen ??= name;
		if (isBelieved(await looking, readAt)) return { session, chosen, asked, degraded: asked.some(failed) };
	}
	if (asked.some(failed)) {
		const reason = session === undefined ? 'a repository did not answer' : 'the repository that answered is in doubt';
		return { session: undefined, asked, answer: unavailable(reason, asked) };
	}
	if (session === undefined || chosen === undefined) return { session: undefined, asked, answer: absent(asked) };
	return { session, chosen, asked, degraded: false };
}

/** A look that had grown old when the record was read, in a freeze perhaps, says nothing about the record. */
function isBelieved(look: Look, readAt: Instant): boolean {
	return look.doubt !== 'missed' && elapsedMs(look.at, readAt) <= doubtMs;
}

function failed({ outcome }: Asked[number]): boolean {
	return outcome === 'unavailable' || outcome === 'corrupt';
}

function reportFailure(context: BusContext, repository: RepositoryName, sessionId: SessionId, reason: string): void {
	context.log('warn', 'a repository could not answer', { repository, sessionId, reason });
}
