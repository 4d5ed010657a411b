import type { Merged, Propose, Repository, RepositoryName } from '../repositories/repository.ts';
import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { BusContext } from './bus.ts';
import { type Asked, askedToMerge } from './receipts.ts';

/** How a write to every repository ended. */
export type Replicated =
	/** Every repository has it, or (`degraded`) the repair of those that do not is queued. */
	| {
			readonly kind: 'stored';
			/** The join of what the repositories hold; `undefined` when none had the session and nothing was proposed. */
			readonly session: Session | undefined;
			readonly chosen: RepositoryName;
			readonly degraded: boolean;
			readonly asked: Asked;
	  }
	/** Nothing may be acknowledged; some repository may hold it all the same, and the same write repeated completes it. */
	| { readonly kind: 'unavailable'; readonly reason: string; readonly asked: Asked };

/**
 * Writes to every repository at once. Where they turn out to hold different records, each gets the join. When some fail,
 * the write counts once their repair is queued (I2, I6); when all fail, it does not.
 * Dying at any point leaves a write that nobody acknowledged, which a retry or a later merge completes.
 */
export async function replicate(context: BusContext, sessionId: SessionId, propose: Propose): Promise<Replicated> {
	const first = await mergeIn(context.repositories, sessionId, propose);
	const join = joinOf(first);
	const behind = first.filter(({ merged }) => join !== undefined && isBehind(merged, join));
	const second =
		join === undefined || behind.length === 0
			? []
			: await mergeIn(
					behind.map(({ repository }) => repository),
					sessionId,
					() => join,
				);
	return conclude(context, sessionId, [...first, ...second], merged(joinOf(second), join));
}

interface Attempt {
	readonly repository: Repository;
	readonly merged: Merged;
}

function mergeIn(repositories: readonly Repository[], id: SessionId, propose: Propose): Promise<Attempt[]> {
	return Promise.all(
		repositories.map(async (repository) => ({ repository, merged: await repository.merge(id, propose) })),
	);
}

function joinOf(attempts: readonly Attempt[]): Session | undefined {
	let join: Session | undefined;
	for (const { merged: result } of attempts) if (result.kind === 'stored') join = merged(join, result.session);
	return join;
}

function merged(a: Session | undefined, b: Session | undefined): Session | undefined {
	return a === undefined || b === undefined ? (a ?? b) : merge(a, b);
}

function isBehind(result: Merged, join: Session): boolean {
	if (result.kind === 'failed') return false;
	return result.session === undefined || merge(result.session, join) !== result.session;
}

async function conclude(
	context: BusContext,
	sessionId: SessionId,
	attempts: readonly Attempt[],
	session: Session | undefined,
): Promise<Replicated> {
	const asked = attempts.map(({ repository, merged: result }) => askedToMerge(repository.name, result));
	const holder = attempts.find(({ merged: result }) => result.kind === 'stored');
	const missing = [
		...new Set(
			attempts.filter(({ merged: result }) => result.kind === 'failed').map(({ repository }) => repository.name),
		),
	];
	if (holder === undefined) return { kind: 'unavailable', reason: 'no repository answered', asked };
	const stored = { kind: 'stored', session, chosen: holder.repository.name, asked } as const;
	if (missing.length === 0) return { ...stored, degraded: false };
	// What none of the others holds either may still be in the one that is silent: nothing to repair, nothing known.
	if (session === undefined) return { kind: 'unavailable', reason: `${missing.join(', ')} did not answer`, asked };
	context.log('warn', 'a write missed a repository', { sessionId, missing });
	try {
		await context.repairs.enqueue(sessionId, missing);
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return { kind: 'unavailable', reason: `${missing.join(', ')} and the repair queue did not answer`, asked };
	}
	return { ...stored, degraded: true };
}
