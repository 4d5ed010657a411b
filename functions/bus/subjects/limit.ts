import type { AnswerOf } from '../../protocol/answers.ts';
import type { Asker } from '../../protocol/fields/asker.ts';
import type { Message } from '../../protocol/messages.ts';
import type { Clock } from '../../system/clock.ts';
import { createTokenBuckets, type Rate } from '../../system/token-bucket.ts';

/**
 * Messages about all sessions of one subject: five a second, 200 at once. Each may read or end a
 * hundred sessions. So a subject can log in often enough to fill the largest quota at once, and
 * list and end its sessions meanwhile.
 */
const subjectRate: Rate = { burst: 200, perSecond: 5 };

/**
 * Limits the messages about one subject. Each instance of the bus counts for itself. Each function
 * takes from a bucket, and returns the answer if the message must not be performed.
 */
export interface SubjectLimit {
	/** Before any call: a login by its subject, any other message by its sender's proof. */
	limit(message: Message): AnswerOf<'limited'> | undefined;
	/**
	 * By the subject of an asker, once that is proven. Before, anyone who knows the name of a subject
	 * could empty its bucket.
	 */
	limitSubject(subject: string): AnswerOf<'limited'> | undefined;
}

export function createSubjectLimit(clock: Clock): SubjectLimit {
	const buckets = createTokenBuckets<string>(subjectRate);
	const unproven = createTokenBuckets<string>(subjectRate);
	const take = (from: typeof buckets, key: string): AnswerOf<'limited'> | undefined => {
		const waitMs = from.take(key, 1, clock.now().monotonicMs);
		return waitMs > 0 ? { kind: 'limited', waitMs } : undefined;
	};
	return {
		limit: (message) => {
			if (message.operation === 'create') return take(buckets, message.session.subject);
			const asker = askerOf(message);
			return asker === undefined ? undefined : take(unproven, `${asker.sessionId} ${asker.secretHash}`);
		},
		limitSubject: (subject) => take(buckets, subject),
	};
}

/** A logout is not about a subject: it must always be possible. */
function askerOf(message: Message): Asker | undefined {
	switch (message.operation) {
		case 'list':
		case 'revokeSubject':
			return message.asker;
		case 'revoke':
			return message.asker.sessionId === message.sessionId ? undefined : message.asker;
		default:
			return undefined;
	}
}
