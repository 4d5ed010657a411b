import { quantile } from '../measures/quantile.ts';
import type { Finding, Trial } from './step.ts';

/**
 * Asks for a decision about each token, one after the other. The first is told apart, because it
 * pays for a pause or for a new environment.
 */
export async function timed(trial: Trial, tokens: readonly string[]): Promise<Finding> {
	const durationsMs: number[] = [];
	const others: number[] = [];
	for (const token of tokens) {
		const beganMs = trial.now();
		const { status } = await authorize(trial, token);
		durationsMs.push(trial.now() - beganMs);
		if (status !== 204) others.push(status);
	}
	return findingOf(durationsMs, others);
}

/** @param others the statuses that are not 204 */
export function findingOf(durationsMs: readonly number[], others: readonly number[]): Finding {
	const refused = others.length === 0 ? 'all with status 204' : `other statuses: ${others.join(', ')}`;
	return {
		holds: others.length === 0,
		seen: `${durationsMs.length} requests, ${refused}; first ${ms(durationsMs[0] ?? 0)}, p50 ${ms(quantile(durationsMs, 0.5))}, p99 ${ms(quantile(durationsMs, 0.99))}`,
	};
}

export function authorize(trial: Trial, token?: string) {
	return trial.call('GET', `/v1/authorize?service=${encodeURIComponent(trial.service)}`, token);
}

export function ms(duration: number): string {
	return `${Math.round(duration)} ms`;
}
