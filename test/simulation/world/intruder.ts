import { readToken } from '../../../functions/access/token.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import type { Asker } from '../../../functions/protocol/fields/asker.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { instanceIdOf } from '../../../functions/session/ids.ts';
import type { SecretHash, SessionId } from '../../../functions/session/session.ts';
import { makeStamp } from '../../../functions/session/stamp.ts';
import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';
import type { SessionHistory } from '../checks/history.ts';
import type { Witness } from '../checks/witness.ts';
import type { Random } from '../engine/random.ts';
import { epochMs, type Schedule } from '../engine/schedule.ts';
import { keyring } from './settings.ts';

/**
 * A session server that was broken into. It knows every session's handle, and the token of one
 * session. It asks the bus about the others, with guessed hashes and with the one that it has seen.
 */
export interface Intruder {
	/** Sends a message about a session whose token it has not seen. */
	intrude(): void;
}

export function createIntruder(
	schedule: Schedule,
	random: Random,
	invokeBus: InvokeBus,
	sessions: readonly SessionHistory[],
	witness: Witness,
	wasMoved: (id: SessionId) => boolean,
): Intruder {
	let messages = 0;

	function messageAbout(victim: SessionHistory, own: SessionHistory): Message {
		const nowMs = Math.floor(epochMs + schedule.now());
		const guessed = Buffer.from(random.bytes(32)).toString('base64url') as SecretHash;
		const seen = askerOf(own).secretHash;
		const secretHash = random.chance(0.5) ? guessed : seen;
		const about = { sessionId: victim.id, secretHash };
		const changeId = `intruder-${messages++}`;
		const revocation = { atMs: nowMs, reason: 'logout' } as const;
		const change = { changes: { draft: changeId }, stamp: makeStamp(nowMs, 0, 'intruder') };
		const adopter = instanceIdOf(random.bytes(12));
		return random.pick<Message>([
			{ operation: 'read', ...about, demand: 'bounded' },
			{ operation: 'read', ...about, demand: 'lenient', seenAtMs: nowMs },
			{ operation: 'recover', ...about, demand: 'bounded', adopter },
			{ operation: 'update', ...about, ...change },
			{ operation: 'update', ...about, ...change, ifVersion: 'guessed' },
			{ operation: 'touch', ...about, seenAtMs: nowMs },
			{ operation: 'revoke', sessionId: victim.id, asker: about, revocation, changeId, proofWanted: true },
			{ operation: 'revoke', sessionId: victim.id, asker: askerOf(own), revocation, changeId, proofWanted: false },
			{ operation: 'list', asker: about },
			{ operation: 'revokeSubject', asker: about, revocation, changeId },
		]);
	}

	return {
		intrude: () => {
			// Every login before may have met a fault.
			if (sessions.length === 0) return;
			const [victim, own] = [random.pick(sessions), random.pick(sessions)];
			// Its own session may ask about the other ones of its subject.
			if (victim.subject === own.subject) return;
			const message = messageAbout(victim, own);
			void invokeBus(message).then((answer) => {
				// A writer to a repository needs no session server to end a session.
				if ([victim, own].some(({ id }) => wasMoved(id))) {
					if (message.operation === 'revoke') victim.logoutBegunAt ??= schedule.now();
					return;
				}
				if (tellsNothing(answer, own)) return;
				witness.violated('reach', `${message.operation} of ${victim.id} told an intruder: ${answer.kind}`);
			});
		},
	};
}

function askerOf({ token }: SessionHistory): Asker {
	const content = readToken(keyring, token);
	if (content === 'malformed') throw new Error('a client has a malformed token');
	return { sessionId: content.sessionId, secretHash: content.secretHash };
}

/** The intruder may learn that its own session has ended. */
function tellsNothing(answer: Answer, own: SessionHistory): boolean {
	if (answer.kind === 'revoked') return answer.session.id === own.id;
	return answer.kind === 'absent' || answer.kind === 'unavailable';
}
