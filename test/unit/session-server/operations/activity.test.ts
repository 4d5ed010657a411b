import { expect, test } from 'vitest';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { touchIntervalMs } from '../../../../functions/session/lifetime.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { exampleSession } from '../../../support/example-session.ts';

test.each([
	['aal1', 300_000],
	['aal2', 300_000],
	['aal3', 75_000],
] as const)('the activity of a session with the timeouts of %s is reported every %i ms', (preset, expectedMs) => {
	const session = exampleSession({ idleTimeoutMs: timeoutPresets[preset].idleMs });
	expect(touchIntervalMs(session, timingDefaults)).toBe(expectedMs);
});
