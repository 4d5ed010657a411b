import { describe, expect, test, vi } from 'vitest';
import { createMemoryLeaseTable } from '../../../../functions/control-table/memory/lease-table.ts';
import { timingDefaults } from '../../../../functions/control-table/timing.ts';
import { instanceIdOf } from '../../../../functions/session/ids.ts';
import type { InvokeBus } from '../../../../functions/session-server/bus-client.ts';
import { confirmEverywhere } from '../../../../functions/session-server/operations/confirm-everywhere.ts';
import { nobody } from '../../../../functions/session-server/request.ts';
import { proofWaitMs } from '../../../../functions/system/time-budget.ts';
import { Unreachable } from '../../../../functions/system/unreachable.ts';
import { createNode } from '../../../simulation/engine/node.ts';
import { createSchedule, epochMs } from '../../../simulation/engine/schedule.ts';
import { exampleInstanceId, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';
import type { SettableClock } from '../../../support/settable-clock.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;

async function loggedIn(reach?: (bus: InvokeBus, clock: SettableClock) => InvokeBus) {
	const deployment = createMemoryDeployment([], reach === undefined ? {} : { reach });
	const append = vi.spyOn(deployment.feed, 'append');
	const login = await deployment.server.login(identity);
	if (login.kind !== 'established') throw new Error(login.kind);
	return { ...deployment, append, token: login.token };
}

describe('a repeated logout', () => {
	test('announces nothing', async () => {
		const { server, append, token } = await loggedIn();
		expect(await server.logout(token)).toMatchObject({ kind: 'ended', complete: true });
		for (const _ of [2, 3]) expect(await server.logout(token)).toEqual({ kind: 'refused', code: 'session_revoked' });
		expect(append).toHaveBeenCalledTimes(1);
	});

	test('announces the end if the first announcement failed', async () => {
		const { server, append, token } = await loggedIn();
		append.mockRejectedValueOnce(new Unreachable('control table', new Error('down')));
		expect(await server.logout(token)).toMatchObject({ kind: 'unavailable' });
		expect(await server.logout(token)).toMatchObject({ kind: 'ended' });
		expect(append).toHaveBeenCalledTimes(2);
	});

	test('asks for the proof once, if the first logout did not', async () => {
		const { server, append, clock, token } = await loggedIn();
		await server.logout(token);
		clock.advance(proofWaitMs);
		for (const _ of [1, 2])
			expect(await server.logout(token, 'everywhere')).toMatchObject({ everywhere: { confirmed: true } });
		expect(append.mock.calls.map(([{ proofWanted }]) => proofWanted)).toEqual([false, true]);
	});

	test('needs no call once it was confirmed', async () => {
		let calls = 0;
		const { server, token } = await loggedIn((bus) => (message) => {
			calls++;
			return bus(message);
		});
		await server.logout(token, 'everywhere');
		const before = calls;
		expect(await server.logout(token, 'everywhere')).toEqual({
			kind: 'ended',
			complete: true,
			everywhere: { confirmed: true, afterMs: 0, waitingFor: 0 },
		});
		expect(calls).toBe(before);
	});

	test('does not wait for a proof that the request before may still wait for', async () => {
		let calls = 0;
		const { server, token, clock, leases } = await loggedIn((bus) => (message) => {
			calls++;
			return bus(message);
		});
		const idle = exampleInstanceId(9);
		await leases.acquire(idle, clock.now().wallMs + timingDefaults.leaseDurationMs);
		await server.logout(token);
		clock.advance(1);
		const everywhere = async () => {
			const ended = await server.logout(token, 'everywhere');
			return ended.kind === 'ended' ? ended.everywhere : undefined;
		};
		const before = calls;
		expect(await everywhere()).toEqual({ confirmed: false, afterMs: 0 });
		expect(calls).toBe(before);
		clock.advance(proofWaitMs);
		const late = await everywhere();
		expect(late).toMatchObject({ confirmed: false, waitingFor: 1 });
		expect(late?.afterMs).toBeGreaterThanOrEqual(proofWaitMs);
	});

	test('does not wait either if another instance ended the session while it was under way', async () => {
		const { server, token } = await loggedIn((bus, clock) => async (message) => {
			if (message.operation === 'revoke') {
				const atMs = message.revocation.atMs - 20;
				await bus({ ...message, changeId: 'other', revocation: { ...message.revocation, atMs } });
				clock.advance(20);
			}
			return bus(message);
		});
		expect(await server.logout(token, 'everywhere')).toMatchObject({ everywhere: { confirmed: false, afterMs: 0 } });
	});
});

describe('the proof of a logout', () => {
	const remoteMs = 5;

	/** Looks for the proof, with this many leases of instances that have gone and that are idle. */
	async function prove(gone: number, idle: number) {
		const schedule = createSchedule();
		const { clock } = createNode('instance', schedule, 0);
		const memory = createMemoryLeaseTable();
		const ids = Array.from({ length: gone + idle }, (_, index) => {
			const bytes = new Uint8Array(12);
			new DataView(bytes.buffer).setUint32(0, index);
			return instanceIdOf(bytes);
		});
		for (const [index, id] of ids.entries())
			await memory.acquire(id, index < gone ? epochMs - 1_000 : epochMs + timingDefaults.leaseDurationMs);
		const leases = {
			...memory,
			seal: async (...lease: Parameters<typeof memory.seal>) => {
				await clock.delay(remoteMs);
				return memory.seal(...lease);
			},
		};
		const synchronizer = { instanceId: () => exampleInstanceId(255), startIfDue: () => undefined };
		const instance = { clock, timing: timingDefaults, leases, synchronizer } as never;
		const ask = async () => {
			let confirmation: Awaited<ReturnType<typeof confirmEverywhere>> | undefined;
			void confirmEverywhere(instance, nobody(), clock.now(), clock.now()).then((answer) => {
				confirmation = answer;
			});
			// The first look comes before the first delay.
			schedule.at(0, () => undefined);
			await schedule.run(() => confirmation !== undefined);
			return confirmation;
		};
		return { ask, pass: (ms: number) => passOn(schedule, ms) };
	}

	async function passOn(schedule: ReturnType<typeof createSchedule>, ms: number) {
		const until = schedule.now() + ms;
		schedule.at(ms, () => undefined);
		await schedule.run(() => schedule.now() >= until);
	}

	test('comes at once, even past ten thousand leases of instances that have gone', async () => {
		const { ask } = await prove(10_000, 0);
		const confirmation = await ask();
		expect(confirmation).toMatchObject({ confirmed: true, waitingFor: 0 });
		expect(confirmation?.afterMs).toBeLessThan(proofWaitMs);
	});

	test('is given up after two seconds while an instance is idle, and found when its lease has expired', async () => {
		const { ask, pass } = await prove(0, 10_000);
		const early = await ask();
		expect(early).toMatchObject({ confirmed: false, waitingFor: 10_000 });
		expect(early?.afterMs).toBeGreaterThanOrEqual(proofWaitMs);
		expect(early?.afterMs).toBeLessThan(proofWaitMs + 500);
		await pass(timingDefaults.leaseDurationMs + timingDefaults.skewMs);
		expect(await ask()).toMatchObject({ confirmed: true, waitingFor: 0 });
	});
});
