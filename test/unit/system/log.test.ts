import { expect, test } from 'vitest';
import { describeError, logLine } from '../../../functions/system/log.ts';

test('a line has tenths of milliseconds, and whole numbers as they are', () => {
	const fields = { staleMs: 21.27697500000022, evidence: { atMs: 1_795_000_000_123 }, text: '0.123', list: [0.26] };
	expect(JSON.parse(logLine('info', 'request', fields))).toEqual({
		level: 'info',
		message: 'request',
		staleMs: 21.3,
		evidence: { atMs: 1_795_000_000_123 },
		text: '0.123',
		list: [0.3],
	});
});

test('a line about JSON that cannot be read does not quote it, also not as a cause', () => {
	const quotes = new SyntaxError(`Unexpected token 'h', "{"secret":hunter2}" is not valid JSON`);
	expect(describeError(quotes)).toEqual({ error: 'SyntaxError', reason: undefined });
	expect(describeError(new Error('no answer', { cause: quotes }))).toEqual({
		error: 'Error',
		reason: 'no answer',
		cause: 'SyntaxError',
	});
	expect(describeError(new Error('no answer', { cause: new RangeError('far') }))).toMatchObject({
		cause: 'RangeError: far',
	});
});
