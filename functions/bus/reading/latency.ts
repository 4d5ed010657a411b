/**
 * How long a repository's loads have taken of late: a peak EWMA. A slower load counts at once and in full, faster ones
 * bring the figure down as time passes. So one slow answer is enough to go elsewhere, and it takes a while, not a number of
 * requests, to come back. As Finagle's load balancer and Envoy do it.
 */
export interface Latency {
	readonly ms: number;
}

/** In this time, what was seen counts for 37 per cent of what it did. */
const decayMs = 3_000;

/** `expectedMs` is what the repository takes when all is well: with no news the figure goes back there. */
export function initialLatency(expectedMs: number): Latency {
	return { ms: expectedMs };
}

/** The figure `elapsedMs` after it was last brought up to date. */
export function decayed(latency: Latency, expectedMs: number, elapsedMs: number): Latency {
	const kept = Math.exp(-elapsedMs / decayMs);
	return { ms: expectedMs + (latency.ms - expectedMs) * kept };
}

/** The figure with a load that took `tookMs` and ended `elapsedMs` after the last news. */
export function withLoad(latency: Latency, tookMs: number, elapsedMs: number): Latency {
	return tookMs >= latency.ms ? { ms: tookMs } : decayed(latency, tookMs, elapsedMs);
}

/** The figure with a load that has taken `soFarMs` and has not ended: it can only turn out worse. */
export function withUnfinishedLoad(latency: Latency, expectedMs: number, soFarMs: number, elapsedMs: number): Latency {
	return { ms: Math.max(soFarMs, decayed(latency, expectedMs, elapsedMs).ms) };
}
