import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';
import { createSingleFlight } from '../../system/single-flight.ts';

/** The secret that a CloudFront distribution sends with each request, as one instance knows it. */
export interface DistributionSecret {
	/**
	 * Whether the present secret or the one before it passes the test. Of two secrets, edge locations
	 * may still send the older one. `unavailable`: neither is known.
	 */
	accepts(test: (secret: string) => boolean): Promise<boolean | 'unavailable'>;
}

/** Reads the present secret, and the one before it if there is one. The reason shows none. */
export type ReadSecrets = () => Promise<
	| { readonly kind: 'read'; readonly secrets: readonly string[] }
	| { readonly kind: 'unavailable'; readonly reason: string }
>;

/**
 * In milliseconds. A wrong secret may be a new one, so the secrets are read again. Anyone can send
 * a wrong one, so that happens at most once in this time.
 */
const rereadAfterMs = 10_000;

/** In milliseconds, while no secret is known. */
const retryAfterMs = 1_000;

export function createDistributionSecret(readSecrets: ReadSecrets, clock: Clock, log: Log): DistributionSecret {
	let known: readonly string[] | undefined;
	let readAt: Instant | undefined;

	const reread = createSingleFlight(async () => {
		readAt = clock.now();
		const answer = await readSecrets();
		if (answer.kind === 'read') known = answer.secrets;
		else log('warn', 'the distribution’s secret could not be read', { reason: answer.reason });
	});

	return {
		accepts: async (test) => {
			if (known?.some(test)) return true;
			const pauseMs = known === undefined ? retryAfterMs : rereadAfterMs;
			if (readAt === undefined || elapsedMs(readAt, clock.now()) >= pauseMs) await reread();
			return known?.some(test) ?? 'unavailable';
		},
	};
}
