import { type Engine, engineServices } from './engine.ts';

/** The services on which `npm test` runs. */
export const embedded: Engine = {
	name: 'embedded',
	what: 'memory, dynalite and fauxqs, in the process of the tests',
	start: async () => ({
		kind: 'ready',
		services: engineServices,
		access: undefined,
		testMsMax: 20_000,
		close: async () => undefined,
	}),
};
