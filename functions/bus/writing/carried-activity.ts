import { touchIntervalMs, withActivity } from '../../session/lifetime.ts';
import type { Session } from '../../session/session.ts';
import type { BusContext } from '../context.ts';
import { replicate } from './replicate.ts';

/** The part of a message that says when the session was last used, as far as the asker knows. */
interface Carrier {
	readonly seenAtMs?: number;
}

/**
 * `session` with the activity that a message carries. A time that is further ahead than the skew
 * margin is cut (I7).
 */
export function withCarried(context: BusContext, session: Session, { seenAtMs }: Carrier): Session {
	if (seenAtMs === undefined) return session;
	return withActivity(session, Math.min(seenAtMs, context.clock.now().wallMs + context.timing.skewMs));
}

/**
 * Stores the activity that a message carries if it is so much later than `known` that a report must
 * have been lost. Other activity waits for the next report or change, as it does in the memory of
 * the instance. If it cannot be stored, the instance still has it.
 */
export async function storeOverdue(context: BusContext, known: Session, carried: Session): Promise<void> {
	if (carried.lastSeenAtMs - known.lastSeenAtMs <= touchIntervalMs(known, context.timing)) return;
	await replicate(context, known.id, 'quiet', (stored) => stored && withActivity(stored, carried.lastSeenAtMs));
}
