import { withMore } from '../../../drills/releases/more-fields.ts';
import type { Bus } from '../../../functions/bus/bus.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { openAnswer } from '../../../functions/protocol/answers.ts';
import { type Envelope, envelopeOf } from '../../../functions/protocol/envelope.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { openMessage } from '../../../functions/protocol/messages.ts';
import { protocolVersion } from '../../../functions/protocol/version.ts';
import type { Observer } from '../checks/observer.ts';

/**
 * The bus as it is reached on AWS. Messages and answers travel as JSON, and each side parses what
 * it gets.
 *
 * @param neighbours whether every third message or answer comes from the next release, which adds
 * a field to everything
 */
export function overWire(bus: Bus, observer: Observer, neighbours: boolean): Bus {
	let sent = 0;

	/**
	 * Both sides understand each other. So a message that one side cannot read is a mistake, even if
	 * it does no harm.
	 */
	function lost(what: string, malformed: string): Answer {
		const reason = `${what} did not survive its way: ${malformed}`;
		observer.violated('I10', reason);
		return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
	}
	function travelled(body: Message | Answer): unknown {
		// Not every second one: those would be all answers.
		const isOfNext = neighbours && ++sent % 3 === 0;
		return JSON.parse(JSON.stringify(isOfNext ? ofNext(body) : envelopeOf(body)));
	}

	return async (body) => {
		const message = openMessage(travelled(body));
		if (message.kind === 'unsupported') return message;
		if (message.kind === 'malformed') return lost('a message', message.problem);
		const answer = openAnswer(travelled(await bus(message.body)));
		return answer.kind === 'malformed' ? lost('an answer', answer.problem) : answer.body;
	};
}

/** The envelope that the next release sends. */
function ofNext(body: Message | Answer): Envelope<unknown> {
	return { protocol: protocolVersion + 1, oldest: protocolVersion, body: withMore(body) };
}
