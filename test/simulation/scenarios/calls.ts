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
	/** Keeps the next call whose description starts with `what`. @returns lets it leave */
	hold(what: string): () => void;
}

/** Records every call that is sent, and keeps back the calls that the story holds. */
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
