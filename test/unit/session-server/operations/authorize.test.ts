import { expect, test } from 'vitest';
import { parseServiceCatalog } from '../../../../functions/access/service-catalog.ts';
import { createAuthorize } from '../../../../functions/session-server/operations/authorize.ts';
import { exampleInstanceId, exampleProof, exampleSession } from '../../../support/example-session.ts';
import { createSettableClock } from '../../../support/settable-clock.ts';

test('a decision is answered only when the report of the use has left', async () => {
	const session = exampleSession();
	const at = createSettableClock().now();
	const evidence = {
		session: session.id,
		instanceId: exampleInstanceId(1),
		source: 'memory',
		owner: session.owner,
		staleMs: 0,
		remoteCalls: 0,
	} as const;
	const report = Promise.withResolvers<undefined>();
	const authorize = createAuthorize(
		{
			findSession: async () => ({
				kind: 'found',
				session,
				...exampleProof,
				at,
				evidence,
				request: { arrivedAt: at, sequence: 1, remoteCalls: 0 },
			}),
			recordActivity: () => report.promise,
		},
		parseServiceCatalog([{ name: 'notes' }]),
	);
	const decided = authorize('token', 'notes');
	const later = new Promise<'later'>((resolve) => setImmediate(resolve, 'later'));
	expect(await Promise.race([decided, later])).toBe('later');
	report.resolve(undefined);
	expect(await decided).toMatchObject({ kind: 'allowed' });
});
