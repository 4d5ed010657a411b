import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { timingDefaults } from '../../functions/leases/timing.ts';
import { authorize, type Called, login } from './client.ts';
import { sessionServerProcesses } from './instances.ts';

/** How long a killed process is still taken for a living one, and requests that it gets are lost. */
const noticedMs = 1_000;

await login();
const processes = await sessionServerProcesses();

/* Needs processes to kill: MiniStack's. A Lambda function of AWS cannot be killed from outside. */
describe.runIf(processes.length > 0)('sessions whose owner was killed', () => {
	it('are let in by others while its lease runs, and adopted when it has expired', { timeout: 60_000 }, async () => {
		const [busy, quiet] = [await login(), await login()];
		const owner = (await authorize(quiet)).evidence?.owner.instanceId;
		expect(owner).toBeDefined();

		// Which process an instance is cannot be seen. When all are gone, the owner is.
		for (const pid of await sessionServerProcesses()) process.kill(pid, 'SIGKILL');
		await delay(noticedMs);

		const meanwhile: Called[] = [];
		const expiredMs = Date.now() + timingDefaults.leaseDurationMs + timingDefaults.skewMs;
		while (Date.now() < expiredMs) {
			meanwhile.push(await authorize(busy));
			await delay(500);
		}
		expect(meanwhile.map(({ status }) => status)).toEqual(meanwhile.map(() => 204));
		expect(meanwhile[0]?.evidence).toMatchObject({ source: 'borrowed', lease: { standing: 'alive' } });

		const { status, evidence } = await authorize(quiet);
		expect(status).toBe(204);
		expect(evidence).toMatchObject({
			source: 'failover',
			lease: { instanceId: owner, standing: 'sealed' },
			owner: { instanceId: evidence?.instanceId },
			receipt: { chosen: 'dynamodb', degraded: false },
		});
		expect(evidence?.instanceId).not.toBe(owner);
		expect(evidence?.owner.epoch).toBeGreaterThan(1);
	});
});
