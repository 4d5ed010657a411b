import { expect, test } from 'vitest';
import { loadOutcome, mergeOutcome } from '../../../functions/bus/receipts.ts';
import type { Failed } from '../../../functions/repositories/failed.ts';

function failed(reason: Failed['reason'], cause: unknown): Failed {
	return { kind: 'failed', reason, cause };
}

const denied = Object.assign(new Error('no'), { name: 'AccessDeniedException' });

test.each([loadOutcome, mergeOutcome])('a receipt names the error of a call that failed', (outcome) => {
	expect(outcome('dynamodb', failed('unavailable', denied))).toEqual({
		repository: 'dynamodb',
		outcome: 'unavailable',
		error: 'AccessDeniedException',
	});
	const long = Object.assign(new Error('no'), { name: 'x'.repeat(100) });
	expect(outcome('s3', failed('unavailable', long)).error).toHaveLength(64);
});

test('a receipt names no error that only has a text, and none of a record that was read', () => {
	for (const result of [
		failed('unavailable', new Error('down')),
		failed('corrupt', denied),
		failed('circuit-open', denied),
	])
		expect(loadOutcome('s3', result)).toEqual({ repository: 's3', outcome: result.reason });
});
