import type { Network, ServiceName } from '../engine/network.ts';

/** A call as it left a node. */
interface Sent {
	readonly from: string;
	readonly service: ServiceName;
	readonly what: string;
	/** Repeats the effect, as if the message had been duplicated on its way. */
	again(): Promise<unknown>;
}

export interface Calls {
	/** Oldest first. */
	readonly sent: readonly Sent[];
	/** Keeps the next call whose description starts with `what`. @returns lets it arrive */
	hold(what: string): () => void;
	/** The same for the answer: the call has its effect, and its sender learns nothing. */
	holdAnswer(what: string): () => void;
}

/** Records every call that is sent, and keeps back the calls that the story holds. */
export function watchCalls(network: Network): Calls {
	const sent: Sent[] = [];
	const held: Held[] = [];
	const heldAnswers: Held[] = [];
	const { call: send } = network;
	network.call = async (from, link, call) => {
		const again = () => {
			call.at?.();
			return call.effect();
		};
		sent.push({ from: from.name, service: link.service, what: call.what(), again });
		const answerReleased = takeFirst(heldAnswers, call.what());
		const released = takeFirst(held, call.what());
		// It has left, and does not arrive.
		if (released !== undefined) call.departed?.();
		await released;
		const { departed: _, ...sentBefore } = call;
		const answer = await send(from, link, released === undefined ? call : sentBefore);
		await answerReleased;
		return answer;
	};
	return { sent, hold: (what) => add(held, what), holdAnswer: (what) => add(heldAnswers, what) };
}

interface Held {
	readonly what: string;
	readonly released: Promise<void>;
}

function add(held: Held[], what: string): () => void {
	const { promise, resolve } = Promise.withResolvers<void>();
	held.push({ what, released: promise });
	return resolve;
}

function takeFirst(held: Held[], sent: string): Promise<void> | undefined {
	const index = held.findIndex(({ what }) => sent.startsWith(what));
	return index < 0 ? undefined : held.splice(index, 1)[0]?.released;
}
