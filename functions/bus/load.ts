import type { Answer } from '../protocol/answers.ts';
import type { RepositoryName } from '../repositories/repository.ts';
import type { Session, SessionId } from '../session/session.ts';
import type { BusContext } from './bus.ts';
import { type Asked, absent, askedToLoad, unavailable } from './receipts.ts';

/** A record that was read, and where; or the answer that there is none to be had. */
export type Selected =
	| { readonly session: Session; readonly chosen: RepositoryName; readonly asked: Asked; readonly degraded: boolean }
	| { readonly session: undefined; readonly answer: Answer; readonly asked: Asked };

/**
 * Chooses a repository and reads the session from it: the first in order, and the next one when that fails or says absent.
 * `absent` only when every repository said so (I8).
 */
export async function selectAndLoad(context: BusContext, sessionId: SessionId): Promise<Selected> {
	const asked: Asked = [];
	for (const repository of context.repositories) {
		const loaded = await repository.load(sessionId);
		asked.push(askedToLoad(repository.name, loaded));
		if (loaded.kind === 'found')
			return { session: loaded.session, chosen: repository.name, asked, degraded: asked.some(failed) };
		if (loaded.kind === 'failed') reportFailure(context, repository.name, sessionId, loaded.reason);
	}
	if (asked.some(failed))
		return { session: undefined, asked, answer: unavailable('a repository did not answer', asked) };
	return { session: undefined, asked, answer: absent(asked) };
}

function failed({ outcome }: Asked[number]): boolean {
	return outcome === 'unavailable' || outcome === 'corrupt';
}

function reportFailure(context: BusContext, repository: RepositoryName, sessionId: SessionId, reason: string): void {
	context.log('warn', 'a repository could not answer', { repository, sessionId, reason });
}
