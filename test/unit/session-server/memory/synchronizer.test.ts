import { expect, test } from 'vitest';
import { feedEntriesMax } from '../../../../functions/control-table/feed.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { freshSessionId } from '../../../support/fresh-ids.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

/**
 * The source of a session after the feed got so many changes of other sessions since the last sync.
 */
async function sourceAfter(changes: number) {
	const { server, clock, feed } = createMemoryDeployment([]);
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	expect(await server.view(loggedIn.token)).toMatchObject({ evidence: { source: 'memory' } });
	clock.advance(timingDefaults.maxStalenessMs + 1);
	const { wallMs: atMs } = clock.now();
	for (let change = 0; change < changes; change++)
		await feed.append({ id: `${change}`, atMs, sessionId: freshSessionId(), proofWanted: false });
	const viewed = await server.view(loggedIn.token);
	return viewed.kind === 'found' ? viewed.evidence.source : viewed.kind;
}

test('a copy stays in memory if a sync can read all changes of other sessions', async () => {
	expect(await sourceAfter(feedEntriesMax)).toBe('memory');
});

test('no copy stays in memory if there are more changes than a sync reads', async () => {
	expect(await sourceAfter(feedEntriesMax + 1)).toBe('reloaded');
});
