import { expect, test } from 'vitest';
import { logLine } from '../../../functions/system/log.ts';

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
