import type { AnswerOf } from '../../protocol/answers.ts';
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
 * Limits the messages about one subject that this bus performs. It needs no call. Each instance of
 * the bus counts for itself.
 *
 * @returns the answer if the message must not be performed
 */
export function createSubjectLimit(clock: Clock): (message: Message) => AnswerOf<'limited'> | undefined {
	const buckets = createTokenBuckets<string>(subjectRate);
	return (message) => {
		const subject = subjectOf(message);
		if (subject === undefined) return undefined;
		const waitMs = buckets.take(subject, 1, clock.now().monotonicMs);
		return waitMs > 0 ? { kind: 'limited', waitMs } : undefined;
	};
}

/** A logout names no subject: it must always be possible. */
function subjectOf(message: Message): string | undefined {
	switch (message.operation) {
		case 'create':
			return message.session.subject;
		case 'list':
		case 'revokeSubject':
		case 'revoke':
			return message.subject;
		default:
			return undefined;
	}
}
