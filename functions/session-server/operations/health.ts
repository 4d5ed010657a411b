import { elapsedMs, type Instant } from '../../system/clock.ts';
import { Unreachable } from '../../system/unreachable.ts';
import type { Instance } from '../instance.ts';
import { nobody } from '../request.ts';

/** Whether each dependency of a session server answers. */
export interface Health {
	readonly controlTable: boolean;
	readonly bus: boolean;
	/** As the bus reports them. Empty if the bus does not answer. */
	readonly repositories: Readonly<Record<string, boolean>>;
}

/** How long an outcome is kept. Anyone may ask, so frequent requests must not cause more calls. */
const keepMs = 1_000;

/** Creates the check of an instance's dependencies. It asks them at most once in `keepMs`. */
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
