import { describe, expect, test } from 'vitest';
import { atMost, printed, reportOf } from '../../../drills/report.ts';

function reportWith(stalls: { stoodStillMs: number; excused: number }): string {
	const counts = { requests: 5_000, failed: 0, wrongAllows: 0, lostSessions: 0 };
	return printed(reportOf({ scenario: 'kill-owner', ...counts, ...stalls, promises: [atMost('failed', 0, 0)] }));
}

describe('the report of a drill', () => {
	test('says for how long the machine did not let it run, and how many answers that excused', () => {
		expect(reportWith({ stoodStillMs: 712, excused: 3 })).toContain('stood still for 712 ms; 3 answers of 503');
	});

	test('says nothing of that where the machine did', () => {
		expect(reportWith({ stoodStillMs: 0, excused: 0 })).not.toContain('stood still');
	});
});
