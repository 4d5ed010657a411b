import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { observabilityTable } from '../../docs/tables/costs.ts';
import { busyMonth, lineBytes, publicationSeconds, quietMonth, work } from '../../drills/costs/assumptions.ts';
import { callsOf } from '../../drills/costs/calls.ts';
import { billOf, type LineBytes, observabilityPerMillionWarm, sumOf } from '../../drills/costs/monthly-bill.ts';
import { prices } from '../../drills/costs/prices.ts';
import { createEmbeddedMetrics } from '../../functions/system/embedded-metrics.ts';
import { logLine } from '../../functions/system/log.ts';
import { createMetrics, type Metrics } from '../../functions/system/metrics.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { synthesized } from './synthesized.ts';

/** CloudWatch adds these to each event. */
const eventBytes = 26;

const uuid = '0f8fad5b-d9cb-469f-a165-70867728950e';
const requestId = 'JKJaXmPLvHcESHA=';
const session = 'RG9uJ3QgcmVhZCB0aGlzLg';

/** Values as API Gateway logs them, for an address of the longest usual form. */
const contextValues: Readonly<Record<string, string>> = {
	'$context.requestId': requestId,
	'$context.routeKey': 'GET /v1/authorize',
	'$context.status': '204',
	'$context.responseLatency': '12',
	'$context.integrationErrorMessage': '-',
	'$context.identity.sourceIp': '203.0.113.195',
};

function accessBytes(): number {
	const [stage] = Object.values(synthesized().findResources('AWS::ApiGatewayV2::Stage'));
	const format = String(stage?.['Properties']['AccessLogSettings']['Format']);
	return format.replace(/\$context[.\w]+/g, (name) => contextValues[name] ?? name).length + eventBytes;
}

function publishedBytes(functionName: string, add: (metrics: Metrics) => void): number {
	const clock = createSettableClock();
	let bytes = 0;
	const metrics = createMetrics(
		createEmbeddedMetrics(functionName, clock, (line) => {
			bytes += line.length + eventBytes;
		}),
		clock,
	);
	metrics.flush(() => add(metrics));
	return bytes;
}

const evidence = {
	session,
	instanceId: uuid,
	source: 'memory',
	owner: { instanceId: uuid, epoch: 1 },
	staleMs: 1234.5678,
	remoteCalls: 0,
};
const receipt = {
	asked: [
		{ repository: 'dynamodb', outcome: 'found', ms: 5.4321 },
		{ repository: 's3', outcome: 'skipped', ms: 0 },
	],
	used: 'dynamodb',
	hedged: false,
	degraded: false,
};

function measured(decisions: number): LineBytes {
	const request = { requestId, operation: 'authorize', status: 204, session, service: 'orders' };
	const cold = {
		...evidence,
		source: 'failover',
		lease: { instanceId: uuid, standing: 'sealed', expiresAtMs: 1_795_000_000_000, seal: 'now', remembered: false },
		receipt,
		remoteCalls: 4,
	};
	const line = (message: string, fields: Record<string, unknown>) =>
		logLine('info', message, fields).length + eventBytes;
	return {
		access: accessBytes(),
		warm: line('request', { ...request, evidence }),
		cold: line('request', { ...request, evidence: cold }),
		message:
			line('message', { requestId: uuid, operation: 'read', answer: 'found', receipt }) +
			publishedBytes('Leasehold-LeaseholdBusFunction0123ABCD-0123456789ab', (metrics) => {
				metrics.add('Messages', { operation: 'read', answer: 'found' });
				metrics.add('MessageTime', { operation: 'read' }, 12.345);
				metrics.add('RepositoryTime', { repository: 'dynamodb' }, 5.432);
			}),
		publication: publishedBytes('Leasehold-LeaseholdSessionServerFunction0123ABCD-0123456789ab', (metrics) => {
			for (let count = 0; count < decisions; count++) {
				metrics.add('Decisions', { outcome: 'allowed', source: 'memory' });
				metrics.add('Staleness', {}, 1_000 + count);
			}
			metrics.add('Copies', {}, 1_234);
		}),
	};
}

describe('the costs', () => {
	test('observing decisions from memory costs under a tenth of the HTTP API, at one request a second', () => {
		const decisions = publicationSeconds;
		expect(observabilityPerMillionWarm(measured(decisions), decisions)).toBeLessThan(prices.apiPerMillion / 10);
	});

	test('the table in the documents counts the decisions that one publication of metrics has', () => {
		const clock = createSettableClock();
		let published = 0;
		const metrics = createMetrics(() => void published++, clock);
		const decide = () => {
			metrics.add('Decisions', { outcome: 'allowed', source: 'memory' });
			metrics.flush();
		};
		decide();
		published = 0;
		let decisions = 0;
		for (; published === 0; decisions++) {
			clock.advance(1_000);
			decide();
		}
		const dollars = observabilityPerMillionWarm(lineBytes, decisions).toFixed(2);
		expect(observabilityTable()).toMatch(new RegExp(`\\| 1 +\\| ${dollars} `));
	});

	test('a month with reads publishes metrics for each request that waits, and not only every twenty seconds', () => {
		const { read, create, update, revoke } = busyMonth.messages;
		expect(busyMonth.publications).toBeGreaterThan(read + create + update + revoke);
	});

	test('the sizes of lines that the documents use are what the code writes', () => {
		for (const [name, bytes] of Object.entries(measured(20))) {
			const stated = lineBytes[name as keyof LineBytes];
			expect([name, bytes / stated > 0.9 && bytes / stated < 1.1, bytes]).toEqual([name, true, bytes]);
		}
	});

	test('the calls of messages are those of the table that is counted at the services', () => {
		const text = readFileSync(new URL('../../docs/operate/repositories.md', import.meta.url), 'utf8');
		const number = (cell: string, call: string) => Number(new RegExp(`(\\d+) ${call}`).exec(cell)?.[1] ?? 0);
		for (const [message, calls] of Object.entries(callsOf)) {
			const name = message === 'lend' ? '`recover` with `sealedOwner`' : `\`${message}\``;
			const row = text.split('\n').find((line) => line.split('|')[1]?.trim() === name && line.includes('GetItem'));
			const [, , dynamoDb = '', s3 = '', control = ''] = (row ?? '').split('|');
			expect({ message, ...calls }).toEqual({
				message,
				reads: number(dynamoDb, 'GetItem') + number(control, 'GetItem') + number(control, 'Query'),
				writes: number(dynamoDb, 'PutItem') + number(control, 'PutItem'),
				gets: number(s3, 'GET'),
				puts: number(s3, 'PUT'),
			});
		}
	});

	test('a bill has what tracing, metrics for each route and lines of warm decisions add', () => {
		const added = (settings: object) =>
			sumOf(billOf({ ...busyMonth, settings: { ...busyMonth.settings, ...settings } }, lineBytes, work)) -
			sumOf(billOf(busyMonth, lineBytes, work));
		expect(added({ detailedMetrics: true })).toBeCloseTo(36 * prices.metric);
		expect(added({ warmLines: 1e6 })).toBeCloseTo((lineBytes.warm / 1_000) * prices.logsPerGb);
		// 102.1 million requests: one in each second of the month, and one in 20 of the others.
		expect(added({ tracing: true })).toBeCloseTo((2.628 + (102.1 - 2.628) / 20) * prices.tracesPerMillion);
	});

	test('a bill of little traffic has a renewal and a line of the log for each authorization', () => {
		const { authorizations, messages } = quietMonth;
		const withoutSyncs = { ...quietMonth, renewals: 0, syncWaits: 0 };
		const [all, less] = [billOf(quietMonth, lineBytes, work), billOf(withoutSyncs, lineBytes, work)];
		const waited = authorizations - messages.read - messages.lend;
		expect(all.stores - less.stores).toBeCloseTo(0.625);
		expect(all.logs - less.logs).toBeCloseTo(((waited * lineBytes.warm) / 1e9) * prices.logsPerGb);
		expect(all.lambda).toBeGreaterThan(less.lambda);
	});

	test('a bill grows with failovers, which write to both repositories', () => {
		const { lend, recover } = quietMonth.messages;
		const messages = { ...quietMonth.messages, lend: lend + 1e6, recover: recover + 1e6 };
		const more =
			billOf({ ...quietMonth, messages }, lineBytes, work).stores - billOf(quietMonth, lineBytes, work).stores;
		// Nine reads with the look at the lease, a write, a GET and a PUT.
		expect(more).toBeCloseTo(9 * 0.125 + 0.625 + 0.4 + 5);
	});
});
