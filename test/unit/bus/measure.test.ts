import { expect, test } from 'vitest';
import { measureForged, measureMessage } from '../../../functions/bus/measure.ts';
import type { Answer } from '../../../functions/protocol/answers.ts';
import { createMetrics } from '../../../functions/system/metrics.ts';
import { exampleProof, exampleSession } from '../../support/example-session.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

function measured(operation: 'read' | 'revoke' | 'revokeSubject', answer: Answer) {
	const names: string[] = [];
	const metrics = createMetrics((all) => {
		for (const { name, dimensions, values } of all) names.push([name, ...Object.values(dimensions), values].join(' '));
	}, createSettableClock());
	measureMessage(metrics, operation, answer, 12);
	metrics.flush();
	return names;
}

test('every record that a message names as forged is counted for its repository', () => {
	const published: string[] = [];
	const metrics = createMetrics((all) => {
		for (const { name, dimensions, values } of all)
			published.push([name, ...Object.values(dimensions), values].join(' '));
	}, createSettableClock());
	const { id: sessionId } = exampleSession();
	const distrust = [{ repository: 's3' as const, fingerprint: 'f'.repeat(43) }];
	measureForged(metrics, { operation: 'read', sessionId, ...exampleProof, demand: 'bounded', distrust });
	measureForged(metrics, { operation: 'read', sessionId, ...exampleProof, demand: 'bounded' });
	measureForged(metrics, { operation: 'health' });
	metrics.flush();
	expect(published).toEqual(['ForgedRecords s3 1']);
});

test('a hedged read is measured for both repositories', () => {
	const asked = [
		{ repository: 'dynamodb', outcome: 'unanswered', tookMs: 80 },
		{ repository: 's3', outcome: 'found', tookMs: 30 },
	] as const;
	const receipt = { asked: [...asked], degraded: false, hedged: true };
	expect(measured('read', { kind: 'found', session: exampleSession(), receipt })).toEqual([
		'Messages read found 1',
		'MessageTime read 12',
		'RepositoryTime dynamodb 80',
		'RepositoryTime s3 30',
		'HedgedReads 1',
	]);
});

test('a write that missed a repository counts as degraded only if it was acknowledged', () => {
	const asked = [
		{ repository: 'dynamodb', outcome: 'unavailable' },
		{ repository: 's3', outcome: 'stored' },
	] as const;
	const receipt = { asked: [...asked], degraded: true };
	expect(measured('revoke', { kind: 'revoked', session: exampleSession(), receipt })).toEqual([
		'Messages revoke revoked 1',
		'MessageTime revoke 12',
		'DegradedWrites revoke 1',
		'RepositoryFailures dynamodb 1',
	]);
	expect(measured('revoke', { kind: 'unavailable', reason: 'r', receipt })).not.toContain('DegradedWrites revoke 1');
});

test('ending the sessions of a subject counts as degraded when a repository missed one of them', () => {
	const ended = { kind: 'ended', ended: 2, more: false } as const;
	expect(measured('revokeSubject', { ...ended, degraded: true })).toContain('DegradedWrites revokeSubject 1');
	expect(measured('revokeSubject', { ...ended, degraded: false })).not.toContain('DegradedWrites revokeSubject 1');
});

test('a degraded answer to a read does not count as a degraded write', () => {
	const receipt = { asked: [], degraded: true };
	const answer = { kind: 'found', session: exampleSession(), receipt } as const;
	expect(measured('read', answer)).not.toContain('DegradedWrites read 1');
});
