import { elapsedMs, type Instant } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Instance } from '../instance.ts';
import { nobody } from '../request.ts';

/** Which of the things that a session server depends on answer. */
export interface Health {
	readonly controlTable: boolean;
	readonly bus: boolean;
	/** As the bus reports them; empty when it does not answer. */
	readonly repositories: Readonly<Record<string, boolean>>;
}

/** Anyone may ask, so asking often must cost no more than asking now and then. */
const keepMs = 1_000;

export function createHealthCheck(instance: Instance): () => Promise<Health> {
	const { askBus, clock, leases, synchronizer } = instance;
	let last: { readonly at: Instant; readonly health: Promise<Health> } | undefined;

	async function check(): Promise<Health> {
		const [controlTable, answer] = await Promise.all([controlTableAnswers(), askBus(nobody(), 'health', {})]);
		if (answer.kind !== 'health') return { controlTable, bus: false, repositories: {} };
		const repositories = answer.repositories.map(({ repository, answers }) => [repository, answers]);
		return { controlTable, bus: true, repositories: Object.fromEntries(repositories) };
	}

	async function controlTableAnswers(): Promise<boolean> {
		try {
			await leases.read(synchronizer.instanceId());
			return true;
		} catch (error) {
			if (error instanceof Unreachable) return false;
			throw error;
		}
	}

	return () => {
		const now = clock.now();
		if (last === undefined || elapsedMs(last.at, now) > keepMs) last = { at: now, health: check() };
		return last.health;
	};
}
