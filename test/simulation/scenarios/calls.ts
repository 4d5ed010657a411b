import type { Network, ServiceName } from '../engine/network.ts';

/** A call as it left a node. */
interface Sent {
	readonly from: string;
	readonly service: ServiceName;
	readonly what: string;
	/** Has its effect once more, as if its message had been repeated on the way. */
	again(): Promise<unknown>;
}

export interface Calls {
	/** Oldest first. */
	readonly sent: readonly Sent[];
	/**
	 * The next call whose description starts with `what` leaves when the function that this returns
	 * is called.
	 */
	hold(what: string): () => void;
}

/** Notes every call that is sent, and keeps back those that the story wants to be late. */
export function watchCalls(network: Network): Calls {
	const sent: Sent[] = [];
	const held: { readonly what: string; readonly released: Promise<void> }[] = [];
	const { call: send } = network;
	network.call = async (from, link, call) => {
		const again = () => {
			call.at?.();
			return call.effect();
		};
		sent.push({ from: from.name, service: link.service, what: call.what(), again });
		const index = held.findIndex(({ what }) => call.what().startsWith(what));
		for (const { released } of index < 0 ? [] : held.splice(index, 1)) await released;
		return send(from, link, call);
	};
	return {
		sent,
		hold: (what) => {
			const { promise, resolve } = Promise.withResolvers<void>();
			held.push({ what, released: promise });
			return resolve;
		},
	};
}
