import type { Propose, Repository } from '../../repositories/repository.ts';
import { spread } from '../../repositories/spread.ts';
import type { RepositoryName } from '../../session/repository-name.ts';
import type { Session, SessionId } from '../../session/session.ts';
import { elapsedMs } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { BusContext } from '../context.ts';
import { type Asked, askedToMerge } from '../receipts.ts';
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
 * Writes to every repository at once. Where they turn out to hold different records, each gets the join, or a stub of it. When
 * some fail, the write counts once their repair is queued (I2, I6); when none has the whole join, it does not.
 * Dying at any point leaves a write that nobody acknowledged, which a retry or a later merge completes.
 */
export async function replicate(
	context: BusContext,
	sessionId: SessionId,
	kind: ChangeKind,
	propose: Propose,
): Promise<Replicated> {
	const { attempts, join, holders, whole } = await spread(context.repositories, sessionId, propose);
	const asked = attempts.map(({ repository, merged }) => askedToMerge(repository.name, merged));
	const missing = context.repositories.filter((repository) => !holders.includes(repository)).map(({ name }) => name);
	const [holder] = holders;
	if (holder === undefined) return { kind: 'unavailable', reason: 'no repository could store it', asked };
	const reason = `${missing.join(', ')} did not answer`;
	if (join === undefined) {
		// What none of the others holds either may still be in the one that is silent: nothing to repair, nothing known.
		if (missing.length > 0) return { kind: 'unavailable', reason, asked };
		return { kind: 'stored', session: undefined, chosen: holder.name, degraded: false, asked };
	}
	// Who has a stub does not know what the session holds, nor whether it is stored (I2).
	if (whole === undefined) return { kind: 'unavailable', reason: 'no repository that answered has it whole', asked };
	const stored = { kind: 'stored', session: join, chosen: whole.name, asked } as const;
	if (missing.length === 0) return { ...stored, degraded: false };
	context.log('warn', 'a write missed a repository', { sessionId, missing });
	const obstacle = await ensureRepair(context, sessionId, kind, missing, holders);
	return obstacle === undefined ? { ...stored, degraded: true } : { kind: 'unavailable', reason: obstacle, asked };
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
