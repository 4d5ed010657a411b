import type { Answer } from '../protocol/answers.ts';
import type { MessageOf } from '../protocol/messages.ts';
import type { Propose } from '../repositories/repository.ts';
import { replacedStamps, withAttributes } from '../session/changes.ts';
import type { Session } from '../session/session.ts';
import { admissibleStamp } from '../session/stamp.ts';
import { versionOf } from '../session/version.ts';
import { announced } from './announced.ts';
import type { BusContext } from './bus.ts';
import { absent, answerWith, unavailable } from './receipts.ts';
import { replicate } from './replicate.ts';

/**
 * Sets and deletes attributes: repositories first, then the feed, then the answer. A retry carries the same stamp and
 * finds its work done; a change whose stamp is not newer than what it replaces is answered `outdated`, to be stamped anew.
 */
export async function update(context: BusContext, message: MessageOf<'update'>): Promise<Answer> {
	let outdated = false;
	const latestWallMs = context.clock.now().wallMs + context.timing.skewMs;
	const change: Propose = (stored) => {
		if (stored === undefined || stored.revocation !== undefined) return undefined;
		const changed = changedBy(message, stored, latestWallMs);
		if (changed !== 'outdated') return changed;
		outdated = true;
		return undefined;
	};
	const replicated = await replicate(context, message.sessionId, change);
	if (replicated.kind === 'unavailable') return unavailable(replicated.reason, replicated.asked);
	if (replicated.session === undefined) return absent(replicated.asked);
	const answer = answerWith(replicated.session, { ...replicated, nowMs: context.clock.now().wallMs });
	if (answer.kind !== 'found') return answer;
	if (outdated) return { kind: 'outdated', session: answer.session, receipt: answer.receipt };
	return announced(context, answer, { sessionId: message.sessionId, acknowledge: false, changeId: message.stamp });
}

function changedBy(message: MessageOf<'update'>, stored: Session, latestWallMs: number): Session | 'outdated' {
	const replaced = replacedStamps(stored, Object.keys(message.changes));
	const stamp = admissibleStamp(message.stamp, replaced, latestWallMs);
	const done = Object.keys(message.changes).every((name) => stored.attributes[name]?.stamp === stamp);
	if (done) return stored;
	if (message.ifVersion !== undefined && message.ifVersion !== versionOf(stored)) return 'outdated';
	return withAttributes(stored, message.changes, stamp);
}
