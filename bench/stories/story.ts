import { setTimeout as delay } from 'node:timers/promises';
import { quantile } from '../../drills/measures/quantile.ts';
import { createRandom } from '../../local/system/random.ts';
import { allowedStatus, type BenchAnswer, type BenchSession, type Contender } from '../contenders/contender.ts';
import { inParallel, sendWhenDue, type Taken } from '../load/open-loop.ts';
import { type Planned, planTraffic } from '../load/traffic.ts';

/** Environments stand between two requests. Their connections stay, alike for all contenders. */
export const frozen = { connections: { deaths: [] } } as const;

/** Something that happens while clients ask. */
export interface Event {
	readonly atMs: number;
	act(): Promise<unknown>;
}

/** One answered request of a story. */
export type Told = Taken<BenchAnswer> & { readonly request: Planned };

/** Sessions that one instance has begun. */
export async function logInAt(contender: Contender, count: number, target?: string): Promise<readonly BenchSession[]> {
	const users = Array.from({ length: count }, (_, user) => `story-${user}-${performance.now()}`);
	return inParallel(users, target === undefined ? 4 : 1, (user) => contender.login(user, target));
}

/** Lets clients ask for the sessions while things happen. */
export async function tell(
	contender: Contender,
	sessions: readonly BenchSession[],
	{ perSecond, seconds }: { readonly perSecond: number; readonly seconds: number },
	events: readonly Event[] = [],
): Promise<readonly Told[]> {
	const planned = planTraffic(createRandom(1), {
		perSecond,
		seconds,
		sessions: sessions.length,
		changes: 0,
		exponent: 0,
	});
	const happening = events.map(async ({ atMs, act }) => {
		await delay(atMs);
		await act();
	});
	const told = await sendWhenDue(planned, ({ session }) => contender.decide(sessions[session] as BenchSession));
	await Promise.all(happening);
	return told;
}

export function isAllowed({ answer }: Told): boolean {
	return answer.status === allowedStatus;
}

/** Percent of the requests that were not allowed. Every client of a story may enter. */
export function failedShare(told: readonly Told[]): number {
	return told.length === 0 ? 0 : (100 * told.filter((each) => !isAllowed(each)).length) / told.length;
}

export function tookQuantile(told: readonly Told[], part: number): number {
	return quantile(
		told.filter(isAllowed).map(({ tookMs }) => tookMs),
		part,
	);
}

/** Half-second steps of a story: the 95th percentile of allowed requests, and the failed ones. */
export function timeline(told: readonly Told[]): {
	readonly p95: readonly (readonly [seconds: number, ms: number])[];
	readonly failed: readonly (readonly [seconds: number, percent: number])[];
} {
	const steps = Map.groupBy(told, ({ request }) => Math.floor(request.atMs / stepMs));
	const sorted = [...steps].sort(([a], [b]) => a - b);
	const at = (step: number) => (step * stepMs) / 1_000;
	return {
		p95: sorted.filter(([, each]) => each.some(isAllowed)).map(([step, each]) => [at(step), tookQuantile(each, 0.95)]),
		failed: sorted.map(([step, each]) => [at(step), failedShare(each)]),
	};
}

const stepMs = 500;

/** Changes a service of the region, such as `dynamodb`. */
export async function setService(contender: Contender, service: string, condition: object): Promise<void> {
	await contender.control('PUT', `/services/${service}`, condition);
}
