import { expect, test } from 'vitest';
import {
	parseRotateKeysEnvironment,
	type RotateKeysVariables,
} from '../../../functions/rotate-keys/deployment/environment.ts';

test('a rotation has the same absolute timeout as the session servers, with the same default', () => {
	const variables: RotateKeysVariables = { LEASEHOLD_ABSOLUTE_TIMEOUT_MS: '7200000' };
	expect(parseRotateKeysEnvironment({ ...variables })).toEqual({ absoluteMs: 7_200_000 });
	expect(parseRotateKeysEnvironment({})).toEqual({ absoluteMs: 24 * 3_600_000 });
	expect(() => parseRotateKeysEnvironment({ LEASEHOLD_ABSOLUTE_TIMEOUT_MS: 'a day' })).toThrow('ABSOLUTE_TIMEOUT');
});
