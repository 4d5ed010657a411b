import { timingDefaults } from '../../functions/control-table/timing.ts';
import { createBusFunction } from './bus.ts';
import { type Footprints, startTracker } from './footprints.ts';
import { createInstance, type Instance } from './instance.ts';
import { startServices } from './services.ts';
import { createSkippingClock } from './skipping-clock.ts';

/** A request that was followed. */
export interface Walk {
	readonly name: string;
	readonly status: number;
	readonly footprints: Footprints;
}

/** Sends a warm decision, a failover and a logout, and follows each through the code. */
export async function takeWalks(): Promise<readonly Walk[]> {
	const services = await startServices();
	const tracker = await startTracker();
	const clock = createSkippingClock();
	const bus = createBusFunction(services, clock, tracker);
	const instance = () => createInstance(services.dynamoDb, bus, clock);
	const [owner, adopter, borrower] = [instance(), instance(), instance()];

	async function follow(name: string, act: () => ReturnType<Instance>): Promise<Walk> {
		const { footprints, result } = await tracker.follow(act);
		return { name, status: result.status, footprints };
	}

	try {
		const login = (at: Instance, subject: string) => at('POST', '/v1/sessions', subject);
		const { token } = JSON.parse((await login(owner, 'alice')).body);
		const authorize = (at: Instance) => at('GET', '/v1/authorize?service=service', token);
		await authorize(owner);
		const warm = await follow('A warm decision', () => authorize(owner));
		await login(adopter, 'bob');
		await login(borrower, 'carol');
		clock.skip(timingDefaults.leaseDurationMs + timingDefaults.skewMs + 1);
		await login(adopter, 'bob');
		const failover = await follow('A failover', () => authorize(adopter));
		await authorize(borrower);
		// The others have gone, and their leases can be sealed.
		clock.skip(timingDefaults.leaseDurationMs + timingDefaults.skewMs + 1);
		await login(adopter, 'bob');
		const logout = await follow('A logout that is confirmed everywhere', () =>
			adopter('DELETE', '/v1/session?confirm=everywhere', token),
		);
		return [warm, failover, logout];
	} finally {
		tracker.stop();
		await services.close();
	}
}
