import type { Bus } from '../../../functions/bus/bus.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { openAnswer } from '../../../functions/protocol/answers.ts';
import { envelopeOf } from '../../../functions/protocol/envelope.ts';
import type { Message } from '../../../functions/protocol/messages.ts';
import { openMessage } from '../../../functions/protocol/messages.ts';
import type { Observer } from '../checks/observer.ts';

/**
 * The bus as it is reached on AWS. Messages and answers travel as JSON, and each side parses what
 * it gets.
 */
export function overWire(bus: Bus, observer: Observer): Bus {
	/**
	 * Both sides have one version. So a message that one side cannot read is a mistake, even if it
	 * does no harm.
	 */
	function lost(what: string, malformed: string): Answer {
		const reason = `${what} did not survive its way: ${malformed}`;
		observer.violated('I10', reason);
		return { kind: 'unavailable', reason, receipt: { asked: [], degraded: true } };
	}
	return async (sent) => {
		const message = openMessage(travelled(sent));
		if (message.kind === 'unsupported') return message;
		if (message.kind === 'malformed') return lost('a message', message.problem);
		const answer = openAnswer(travelled(await bus(message.body)));
		return answer.kind === 'malformed' ? lost('an answer', answer.problem) : answer.body;
	};
}

function travelled(body: Message | Answer): unknown {
	return JSON.parse(JSON.stringify(envelopeOf(body)));
}
