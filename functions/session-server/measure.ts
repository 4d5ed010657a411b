import type { Metrics } from '../system/metrics.ts';
import type { Evidence } from './finding/evidence.ts';
import type { CopiesSize } from './memory/copies.ts';
import type { Decision } from './operations/authorize.ts';

/** What a decision about a service tells. */
export function measureDecision(metrics: Metrics, decision: Decision): void {
	const evidence = 'evidence' in decision ? decision.evidence : undefined;
	metrics.add('Decisions', { outcome: decision.kind, source: evidence?.source ?? 'none' });
	if (evidence !== undefined) metrics.add('Staleness', {}, evidence.staleMs);
}

/** What the evidence of any request tells. */
export function measureEvidence(metrics: Metrics, evidence: Evidence): void {
	if (evidence.source === 'failover') metrics.add('Failovers', {});
	if (evidence.lease?.seal === 'now') metrics.add('Seals', {});
}

/** Samples an instance's memory; evictions since the last sample. */
export function createCopiesSample(metrics: Metrics, size: () => CopiesSize): () => void {
	let evictionsBefore = 0;
	return () => {
		const { copies, evictions } = size();
		metrics.add('Copies', {}, copies);
		if (evictions > evictionsBefore) metrics.add('Evictions', {}, evictions - evictionsBefore);
		evictionsBefore = evictions;
	};
}
