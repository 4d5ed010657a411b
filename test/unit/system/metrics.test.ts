import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createEmbeddedMetrics } from '../../../functions/system/embedded-metrics.ts';
import { createFunctionMetrics } from '../../../functions/system/function-metrics.ts';
import { createMetrics, type Series } from '../../../functions/system/metrics.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

function setUp() {
	const published: Series[][] = [];
	const clock = createSettableClock();
	return { clock, published, metrics: createMetrics((series) => published.push([...series]), clock) };
}

describe('metrics', () => {
	test('of the first invocation are published at once, and later ones once a second', () => {
		const { clock, metrics, published } = setUp();
		metrics.add('Seals', {});
		metrics.flush();
		expect(published).toHaveLength(1);
		for (let i = 0; i < 20; i++) {
			clock.advance(49);
			metrics.add('Seals', {});
			metrics.flush();
		}
		expect(published).toHaveLength(1);
		clock.advance(20);
		metrics.flush();
		expect(published[1]).toEqual([{ name: 'Seals', unit: 'Count', dimensions: {}, values: [20] }]);
	});

	test('that are only allowed decisions from memory wait for twenty seconds, and others take them along', () => {
		const { clock, metrics, published } = setUp();
		const warm = () => {
			metrics.add('Decisions', { outcome: 'allowed', source: 'memory' });
			metrics.add('Staleness', {}, 1);
			metrics.flush();
		};
		warm();
		for (let second = 1; second <= 19; second++) {
			clock.advance(1_000);
			warm();
		}
		expect(published).toHaveLength(1);
		clock.advance(1_000);
		warm();
		expect(published[1]?.[0]?.values).toEqual([20]);
		clock.advance(1_000);
		metrics.add('Failovers', {});
		warm();
		expect(published[2]).toHaveLength(3);
	});

	test('are counted for each combination of their dimensions', () => {
		const { metrics, published } = setUp();
		for (const source of ['memory', 'memory', 'borrowed']) metrics.add('Decisions', { outcome: 'allowed', source });
		metrics.flush();
		expect(published[0]?.map(({ dimensions, values }) => [dimensions['source'], values])).toEqual([
			['memory', [2]],
			['borrowed', [1]],
		]);
	});

	test('that are times keep their first values and drop infinite ones', () => {
		const { metrics, published } = setUp();
		metrics.add('Staleness', {}, Number.POSITIVE_INFINITY);
		for (let ms = 0; ms < 300; ms++) metrics.add('Staleness', {}, ms);
		metrics.flush();
		expect(published[0]?.[0]?.values).toEqual(Array.from({ length: 100 }, (_, ms) => ms));
	});

	test('are kept for at most 200 combinations of dimensions', () => {
		const { metrics, published } = setUp();
		for (let i = 0; i < 1_000; i++) metrics.add('Decisions', { outcome: 'allowed', source: `made-up-${i}` });
		metrics.flush();
		expect(published[0]).toHaveLength(200);
	});

	test('are sampled only when they are published', () => {
		const { clock, metrics, published } = setUp();
		const sample = () => metrics.add('Copies', {}, 7);
		metrics.flush(sample);
		metrics.flush(sample);
		clock.advance(20_000);
		metrics.flush(sample);
		expect(published.map((series) => series.map(({ values }) => values))).toEqual([[[7]], [[7]]]);
	});
});

describe('published metrics', () => {
	function setUpLines() {
		const lines: Record<string, unknown>[] = [];
		const clock = createSettableClock();
		return { lines, clock, publish: createEmbeddedMetrics('fn', clock, (line) => void lines.push(JSON.parse(line))) };
	}

	test('keep their dimensions however many values one of them has', () => {
		const { lines, clock, publish } = setUpLines();
		const metrics = createMetrics(publish, clock);
		for (let ms = 0; ms < 300; ms++) metrics.add('MessageTime', { operation: 'read' }, ms);
		metrics.add('DegradedWrites', { operation: 'read' });
		metrics.flush();
		expect(lines).toMatchObject([{ operation: 'read', DegradedWrites: 1 }]);
		expect(lines[0]?.['MessageTime']).toHaveLength(100);
	});

	test('are lines of the embedded metric format, and those without dimensions share the first line', () => {
		const { lines, clock, publish } = setUpLines();
		publish([
			{ name: 'Decisions', unit: 'Count', dimensions: { outcome: 'allowed', source: 'memory' }, values: [3] },
			{ name: 'Refusals', unit: 'Count', dimensions: { code: 'service_unknown' }, values: [2] },
			{ name: 'Staleness', unit: 'Milliseconds', dimensions: {}, values: [1, 2.5, 1234.5678] },
			{ name: 'Seals', unit: 'Count', dimensions: {}, values: [1] },
		]);
		expect(lines).toMatchObject([
			{
				_aws: { Timestamp: clock.now().wallMs },
				service: 'fn',
				outcome: 'allowed',
				source: 'memory',
				Decisions: 3,
				Staleness: [1, 2.5, 1230],
				Seals: 1,
			},
			{ service: 'fn', code: 'service_unknown', Refusals: 2 },
		]);
		expect(lines.map((line) => line['_aws'])).toMatchObject([
			{
				CloudWatchMetrics: [
					{
						Namespace: 'Leasehold',
						Dimensions: [['service', 'outcome', 'source']],
						Metrics: [{ Name: 'Decisions', Unit: 'Count' }],
					},
					{ Dimensions: [['service']], Metrics: [{ Name: 'Staleness', Unit: 'Milliseconds' }, { Name: 'Seals' }] },
				],
			},
			{ CloudWatchMetrics: [{ Dimensions: [['service', 'code']], Metrics: [{ Name: 'Refusals' }] }] },
		]);
	});
});

test('a function whose metrics are off writes no line for them', () => {
	const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	onTestFinished(() => write.mockRestore());
	const metrics = createFunctionMetrics({ LEASEHOLD_METRICS: 'off', AWS_LAMBDA_FUNCTION_NAME: 'fn' });
	metrics.add('Seals', {});
	metrics.flush();
	expect(write).not.toHaveBeenCalled();
});

test('a function writes its metrics to standard output under its own name', () => {
	const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
	onTestFinished(() => write.mockRestore());
	const metrics = createFunctionMetrics({ AWS_LAMBDA_FUNCTION_NAME: 'fn' });
	metrics.add('Seals', {});
	metrics.flush();
	expect(JSON.parse(String(write.mock.calls[0]?.[0]))).toMatchObject({ service: 'fn', Seals: 1 });
});
