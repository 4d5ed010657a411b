import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { authorize, type Called, login } from './client.ts';
import { sessionServerProcesses } from './instances.ts';

/**
 * The emulator notices within this time that a process was killed. Until then, requests may be
 * lost.
 */
const noticedMsMax = 20_000;

/** Longer than it takes to store a new owner. */
const storedMs = 1_000;

await login();
const processes = await sessionServerProcesses();

/* Only MiniStack runs functions as processes that a test can kill. */
describe.runIf(processes.length > 0)('sessions whose owner was killed', () => {
	test('sessions of a killed owner are borrowed while its lease runs, and adopted after that', {
		timeout: 60_000,
	}, async () => {
		const [busy, quiet] = [await login(), await login()];
		const owner = (await authorize(quiet)).evidence?.owner.instanceId;
		expect(owner).toBeDefined();

		// A process does not show its instance id. If all are killed, the owner is among them.
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
			owner: { epoch: 1, instanceId: owner },
			// If DynamoDB is slow on a busy machine, the bus asks S3 as well, which may answer
			// first.
			receipt: { chosen: expect.stringMatching(/^(dynamodb|s3)$/), degraded: false },
		});
		expect(evidence?.instanceId).not.toBe(owner);
		// The client does not wait until the new owner is stored. Some instance has it by now.
		await delay(storedMs);
		const later = (await authorize(quiet)).evidence;
		expect(later?.owner.epoch).toBeGreaterThan(1);
		expect(later?.owner.instanceId).not.toBe(owner);
	});
});

/** Kills a process. It may have ended since it was listed. */
function kill(pid: number): void {
	try {
		process.kill(pid, 'SIGKILL');
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
	}
}

/**
 * The first answer of a session server. The emulator's errors for killed processes have no
 * evidence.
 */
async function firstAnswered(token: string): Promise<Called> {
	const giveUpAt = performance.now() + noticedMsMax;
	for (;;) {
		const called = await authorize(token);
		if (called.evidence !== undefined || performance.now() > giveUpAt) return called;
		await delay(100);
	}
}
