import { expect, test } from 'vitest';
import type { Evidence } from '../../../functions/session-server/finding/evidence.ts';
import { createCopiesSample } from '../../../functions/session-server/memory/copies.ts';
import { measureDecision, measureEvidence } from '../../../functions/session-server/operations/authorize.ts';
import { createMetrics } from '../../../functions/system/metrics.ts';
import { exampleInstanceId, exampleSession } from '../../support/example-session.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const failover: Evidence = {
	session: exampleSession().id,
	instanceId: exampleInstanceId(1),
	source: 'failover',
	owner: { epoch: 2, instanceId: exampleInstanceId(1) },
	lease: { instanceId: exampleInstanceId(2), standing: 'sealed', seal: 'now', remembered: false },
	staleMs: 9,
	remoteCalls: 3,
};

function setUp() {
	const published: string[][] = [];
	const clock = createSettableClock();
	const metrics = createMetrics((all) => {
		published.push(all.map(({ name, dimensions, values }) => [name, ...Object.values(dimensions), values].join(' ')));
	}, clock);
	return { metrics, clock, published };
}

test('a failover is counted as a decision, a failover and a seal', () => {
	const { metrics, published } = setUp();
	measureDecision(metrics, { kind: 'allowed', session: exampleSession(), evidence: failover });
	measureEvidence(metrics, failover);
	metrics.flush();
	expect(published).toEqual([['Decisions allowed failover 1', 'Staleness 9', 'Failovers 1', 'Seals 1']]);
});

test('an adoption by an instance that slept is a takeover and no failover', () => {
	const { metrics, published } = setUp();
	measureEvidence(metrics, { ...failover, afterSleep: true });
	metrics.flush();
	expect(published).toEqual([['Takeovers 1', 'Seals 1']]);
});

test('a decision without evidence has no source', () => {
	const { metrics, published } = setUp();
	measureDecision(metrics, { kind: 'unavailable', reason: 'r' });
	measureDecision(metrics, { kind: 'refused', code: 'session_malformed' });
	metrics.flush();
	expect(published).toEqual([['Decisions unavailable none 1', 'Decisions refused none 1']]);
});

test('evictions are counted since the last sample', () => {
	const { metrics, clock, published } = setUp();
	const size = { copies: 5, bytes: 100, evictions: 3 };
	const sample = createCopiesSample(metrics, () => size);
	metrics.flush(sample);
	clock.advance(20_000);
	metrics.flush(sample);
	size.evictions = 4;
	clock.advance(20_000);
	metrics.flush(sample);
	expect(published).toEqual([['Copies 5', 'Evictions 3'], ['Copies 5'], ['Copies 5', 'Evictions 1']]);
});
