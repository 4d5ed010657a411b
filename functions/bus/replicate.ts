import type { Merged, Propose, Repository, RepositoryName } from '../repositories/repository.ts';
import { merge } from '../session/merge.ts';
import type { Session, SessionId } from '../session/session.ts';
import { elapsedMs } from '../system/clock.ts';
import { Unreachable } from '../system/unreachable.ts';
import type { BusContext } from './bus.ts';
import { type Asked, askedToMerge } from './receipts.ts';
import { repairDelayMs } from './repair-queue.ts';

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
 * `visible`: copies and readers must see it once it is acknowledged, so a repository without it must not be believed.
 * `quiet`: who does not see it yet decides as well without it: a new session is asked for elsewhere, activity counts less
 * than it was, an owner is a hint.
 */
export type ChangeKind = 'visible' | 'quiet';

/**
 * Writes to every repository at once. Where they turn out to hold different records, each gets the join. When some fail,
 * the write counts once their repair is queued (I2, I6); when all fail, it does not.
 * Dying at any point leaves a write that nobody acknowledged, which a retry or a later merge completes.
 */
export async function replicate(
	context: BusContext,
	sessionId: SessionId,
	kind: ChangeKind,
	propose: Propose,
): Promise<Replicated> {
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
	// The join is what every repository holds. What the second round met in one of them, the others may not have.
	return conclude(context, sessionId, kind, [...first, ...second], join);
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
	kind: ChangeKind,
	attempts: readonly Attempt[],
	session: Session | undefined,
): Promise<Replicated> {
	const asked = attempts.map(({ repository, merged: result }) => askedToMerge(repository.name, result));
	const holder = attempts.find(({ merged: result }) => result.kind === 'stored');
	const missing = [...new Set(attempts.filter(isFailed).map(({ repository }) => repository.name))];
	if (holder === undefined) return { kind: 'unavailable', reason: 'no repository answered', asked };
	const stored = { kind: 'stored', session, chosen: holder.repository.name, asked } as const;
	if (missing.length === 0) return { ...stored, degraded: false };
	// What none of the others holds either may still be in the one that is silent: nothing to repair, nothing known.
	if (session === undefined) return { kind: 'unavailable', reason: `${missing.join(', ')} did not answer`, asked };
	context.log('warn', 'a write missed a repository', { sessionId, missing });
	const holders = context.repositories.filter(({ name }) => !missing.includes(name));
	const obstacle = await ensureRepair(context, sessionId, kind, missing, holders);
	return obstacle === undefined ? { ...stored, degraded: true } : { kind: 'unavailable', reason: obstacle, asked };
}

function isFailed({ merged: result }: Attempt): boolean {
	return result.kind === 'failed';
}

/** Sees to it that the repositories get what they missed, and are not believed before; or says why that is not certain. */
async function ensureRepair(
	context: BusContext,
	sessionId: SessionId,
	kind: ChangeKind,
	missing: readonly RepositoryName[],
	holders: readonly Repository[],
): Promise<string | undefined> {
	const queuedAt = context.clock.now();
	try {
		await context.repairs.enqueue(sessionId, missing);
		if (kind === 'quiet') return undefined;
		if (!(await context.doubts.raise(sessionId, missing, holders)))
			return `${missing.join(', ')} did not answer, and the note about it could not be kept`;
		// The repair may have been done before the marker was there, and would leave it behind.
		if (elapsedMs(queuedAt, context.clock.now()) > repairDelayMs) await context.repairs.enqueue(sessionId, missing);
		return undefined;
	} catch (error) {
		if (!(error instanceof Unreachable)) throw error;
		return `${missing.join(', ')} and the repair queue did not answer`;
	}
}
