import type { InvokeBus } from '../../../functions/session-server/bus-client.ts';

/** A bus whose answers bring one copy to carry after the other: `copy-1`, `copy-2`. */
export function createSigningBus(): (bus: InvokeBus) => InvokeBus {
	let copies = 0;
	return (bus) =>
		async (...parameters) => {
			const answer = await bus(...parameters);
			return answer.kind === 'found' ? { ...answer, carried: `copy-${++copies}` } : answer;
		};
}
