import type { Send } from '../../drills/load/http-client.ts';
import type { Region } from '../../local/region.ts';

/** The control endpoint of a region. */
export interface RegionControl {
	/** @throws if the answer is not 200 */
	control(method: string, path: string, body?: unknown): Promise<unknown>;
	/** The instances that answer clients. */
	instances(): Promise<readonly string[]>;
}

export function createRegionControl(region: Region, send: Send): RegionControl {
	async function control(method: string, path: string, body?: unknown): Promise<unknown> {
		const answer = await send(method, region.control + path, { body });
		if (answer.status !== 200) throw new Error(`${method} ${path} on the control endpoint: ${answer.body}`);
		return JSON.parse(answer.body);
	}
	return {
		control,
		async instances() {
			const all = (await control('GET', '/instances')) as readonly { name: string; function: string }[];
			return all.filter((each) => each.function === 'session-server').map((each) => each.name);
		},
	};
}

/** A machine has no room for more. */
const busInstancesMax = 8;

/** How many environments a region of Leasehold has. */
export const environments = (instances: number) => ({
	instances,
	busInstances: Math.min(2 * instances, busInstancesMax),
	busInstancesAtStart: Math.min(2, instances),
});
