import { describe, expect, test } from 'vitest';
import { atMost, printed, reportOf } from '../../../drills/report.ts';

function reportWith(stalls: { stoodStillMs: number; excused: number }): string {
	const counts = { requests: 5_000, failed: 0, wrongAllows: 0, lostSessions: 0 };
	return printed(reportOf({ scenario: 'kill-owner', ...counts, ...stalls, promises: [atMost('failed', 0, 0)] }));
}

describe('the report of a drill', () => {
	test('says how long the machine stalled it, and how many answers that excused', () => {
		expect(reportWith({ stoodStillMs: 712, excused: 3 })).toContain(
			"stalled the region's services for 712 ms, which excuses 3 answers",
		);
	});

	test('says nothing about stalls if there were none', () => {
		expect(reportWith({ stoodStillMs: 0, excused: 0 })).not.toContain('stalled');
	});
});
