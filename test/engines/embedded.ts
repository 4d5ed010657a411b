import { type Engine, engineServices } from './engine.ts';

/** What `npm test` runs on. */
export const embedded: Engine = {
	name: 'embedded',
	what: 'memory, dynalite and fauxqs, in the process of the tests',
	start: async () => ({
		outcome: 'ready',
		services: engineServices,
		access: undefined,
		testMsMax: 20_000,
		close: async () => undefined,
	}),
};
