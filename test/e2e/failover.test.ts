import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { authorize, type Called, login } from './client.ts';
import { sessionServerProcesses } from './instances.ts';

/** A killed process may still be taken for a living one, and a request that it gets be lost, for no longer than this. */
const noticedMsMax = 20_000;

await login();
const processes = await sessionServerProcesses();

/* Needs processes to kill: MiniStack's. A Lambda function of AWS cannot be killed from outside. */
describe.runIf(processes.length > 0)('sessions whose owner was killed', () => {
	it('are let in by others while its lease runs, and adopted when it has expired', { timeout: 60_000 }, async () => {
		const [busy, quiet] = [await login(), await login()];
		const owner = (await authorize(quiet)).evidence?.owner.instanceId;
		expect(owner).toBeDefined();

		// Which process an instance is cannot be seen. When all are gone, the owner is.
		for (const pid of await sessionServerProcesses()) kill(pid);
		const expiredMs = Date.now() + timingDefaults.leaseDurationMs + timingDefaults.skewMs;

		const meanwhile: Called[] = [await firstAnswered(busy)];
		while (Date.now() <= expiredMs) {
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
			// Where DynamoDB takes long on a busy machine, S3 is asked too, and may be the first to answer.
			receipt: { chosen: expect.stringMatching(/^(dynamodb|s3)$/), degraded: false },
		});
		expect(evidence?.instanceId).not.toBe(owner);
		expect(evidence?.owner.epoch).toBeGreaterThan(1);
	});
});

/** One that has ended since it was listed is gone all the same. */
function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
	}
}

/** The first answer of a session server; before it the emulator speaks for processes that are gone, and has no evidence. */
async function firstAnswered(token: string): Promise<Called> {
	const giveUpAt = performance.now() + noticedMsMax;
	for (;;) {
		const called = await authorize(token);
		if (called.evidence !== undefined || performance.now() > giveUpAt) return called;
		await delay(100);
	}
}
