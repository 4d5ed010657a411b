import { latencies } from '../contenders/contender.ts';
import type { InvokedCall, LeastRequest, OwnCall } from './calls.ts';

/** The calls that each step cannot do without, one after the other. */
export const steps = {
	'a login': { own: [], invoked: ['dynamodb write', 's3 write'] },
	'a change of an attribute': { own: [], invoked: ['s3 write', 'control write'] },
	'a decision by the author of the change': { own: [], invoked: [] },
	'a logout': { own: [], invoked: ['s3 write', 'control write'] },
	'the first decision at an instance, and the bus was just asked': { own: [], invoked: ['dynamodb read'] },
	'the first decision at an instance, and the bus was asked before that': { own: [], invoked: ['dynamodb read'] },
	'the first decision after the owner was lost, which seals its lease': {
		own: ['control read', 'control write'],
		invoked: ['dynamodb read'],
	},
	'the same at an instance that slept for ten seconds': {
		own: ['control read', 'control write'],
		invoked: ['dynamodb read'],
	},
	'the first decision after the owner was lost, at the second session': { own: [], invoked: ['dynamodb read'] },
} as const satisfies Readonly<Record<string, LeastRequest>>;

export type Step = keyof typeof steps;

/** The sum of the latencies of these calls, in milliseconds. */
export function latencyOf({ own, invoked }: LeastRequest): number {
	const each = [...own, ...invoked].map((call) => latencies[serviceOf(call)]);
	return each.reduce((sum, ms) => sum + ms, invoked.length === 0 ? 0 : latencies.lambda);
}

function serviceOf(call: OwnCall | InvokedCall): 'control' | 'dynamodb' | 's3' {
	return call.split(' ', 1)[0] as ReturnType<typeof serviceOf>;
}
