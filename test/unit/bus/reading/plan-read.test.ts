import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planRead, type Question, type RepositoryFacts } from '../../../../functions/bus/reading/plan-read.ts';

const well: RepositoryFacts = { name: 'dynamodb', latencyMs: 5, circuit: 'closed', doubt: 'none' };
const dynamodb = (facts: Partial<RepositoryFacts> = {}): RepositoryFacts => ({ ...well, ...facts });
const s3 = (facts: Partial<RepositoryFacts> = {}): RepositoryFacts => ({
	...well,
	name: 's3',
	latencyMs: 25,
	...facts,
});
const bounded: Question = { demand: 'bounded', large: false };
const strict: Question = { demand: 'strict', large: false };
const large: Question = { demand: 'bounded', large: true };

describe('the order of the repositories', () => {
	test.each([
		['both are well', dynamodb(), s3(), bounded, ['dynamodb'], ['s3']],
		['DynamoDB is slower than S3', dynamodb({ latencyMs: 200 }), s3(), bounded, ['s3'], ['dynamodb']],
		['both take as long', dynamodb({ latencyMs: 25 }), s3(), bounded, ['dynamodb'], ['s3']],
		['DynamoDB fails', dynamodb({ circuit: 'open' }), s3(), bounded, ['s3'], ['dynamodb']],
		['DynamoDB may be back', dynamodb({ circuit: 'half-open' }), s3(), bounded, ['s3', 'dynamodb'], []],
		['S3 may be back', dynamodb(), s3({ circuit: 'half-open' }), bounded, ['dynamodb', 's3'], []],
		[
			'S3 fails, and DynamoDB is slow',
			dynamodb({ latencyMs: 200 }),
			s3({ circuit: 'open' }),
			bounded,
			['dynamodb'],
			['s3'],
		],
		['both fail', dynamodb({ circuit: 'open' }), s3({ circuit: 'open' }), bounded, ['dynamodb'], ['s3']],
		['DynamoDB missed a change', dynamodb({ doubt: 'missed' }), s3(), bounded, ['s3'], ['dynamodb']],
		[
			'S3 missed a change, and DynamoDB is slow',
			dynamodb({ latencyMs: 200 }),
			s3({ doubt: 'missed' }),
			bounded,
			['dynamodb'],
			['s3'],
		],
		['both missed a change', dynamodb({ doubt: 'missed' }), s3({ doubt: 'missed' }), bounded, ['dynamodb', 's3'], []],
		[
			'DynamoDB missed a change, and S3 fails',
			dynamodb({ doubt: 'missed' }),
			s3({ circuit: 'open' }),
			bounded,
			['dynamodb', 's3'],
			[],
		],
		['DynamoDB is unverified', dynamodb({ doubt: 'unknown' }), s3(), bounded, ['dynamodb', 's3'], []],
		[
			'DynamoDB is unverified, and the demand is strict',
			dynamodb({ doubt: 'unknown' }),
			s3(),
			strict,
			['s3'],
			['dynamodb'],
		],
		[
			'both are unverified, and the demand is strict',
			dynamodb({ doubt: 'unknown' }),
			s3({ doubt: 'unknown' }),
			strict,
			['dynamodb', 's3'],
			[],
		],
		['the session is large', dynamodb(), s3(), large, ['s3'], ['dynamodb']],
		['the session is large, and S3 fails', dynamodb(), s3({ circuit: 'open' }), large, ['dynamodb'], ['s3']],
	] as const)('begins with the best one when %s', (_when, first, second, question, expectedFirst, expectedNext) => {
		const plan = planRead([first, second], question);
		expect({ first: plan.first, next: plan.next }).toEqual({ first: expectedFirst, next: expectedNext });
	});

	test('asks every repository exactly once, with any facts', () => {
		const fact = fc.record({
			latencyMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
			circuit: fc.constantFrom('closed', 'open', 'half-open'),
			doubt: fc.constantFrom('none', 'missed', 'unknown'),
		});
		const question = fc.record({ demand: fc.constantFrom('bounded', 'strict'), large: fc.boolean() });
		fc.assert(
			fc.property(fact, fact, question, (one, other, asked) => {
				const { first, next } = planRead([dynamodb(one), s3(other)], asked);
				expect([...first, ...next].sort()).toEqual(['dynamodb', 's3']);
				expect(first.length).toBeGreaterThan(0);
			}),
		);
	});

	test('is empty without repositories', () => {
		expect(planRead([], bounded)).toEqual({ first: [], next: [] });
	});
});

describe('the time after which a slow read is hedged', () => {
	test.each([
		['three times the latency of the first one', dynamodb({ latencyMs: 4 }), s3({ latencyMs: 40 }), 12],
		['half of the latency of the second one', dynamodb({ latencyMs: 20 }), s3({ latencyMs: 40 }), 20],
		['15 ms, if half of that is less', s3({ latencyMs: 12 }), dynamodb({ latencyMs: 12 }), 15],
		['three times the latency of S3, if DynamoDB is slow', dynamodb({ latencyMs: 200 }), s3(), 75],
		['never, if the second one fails', dynamodb(), s3({ circuit: 'open' }), undefined],
		['never, if the second one would not be trusted', dynamodb(), s3({ doubt: 'missed' }), undefined],
		['never, if both are asked at once', dynamodb(), s3({ circuit: 'half-open' }), undefined],
	] as const)('is %s', (_what, first, second, expected) => {
		expect(planRead([first, second], bounded).hedgeAfterMs).toBe(expected);
	});
});
