import { type AskBus, createBusClient } from './bus-client.ts';
import type { InstanceContext } from './context.ts';
import { type Copies, createCopies } from './memory/copies.ts';
import { createFinalRefusals, type FinalRefusals } from './memory/final-refusals.ts';
import { createSynchronizer, type Synchronizer } from './memory/synchronizer.ts';
import { createUses, type Uses } from './memory/uses.ts';
import { createStamper, type StampAfter } from './stamper.ts';

/** One instance: its ports, its copies, its right to use them, and its client of the bus. */
export interface Instance extends Omit<InstanceContext, 'invokeBus' | 'copyBytesMax'> {
	readonly copies: Copies;
	readonly uses: Uses;
	readonly finalRefusals: FinalRefusals;
	readonly synchronizer: Synchronizer;
	readonly askBus: AskBus;
	readonly stampAfter: StampAfter;
}

export function createInstance(context: InstanceContext): Instance {
	const { invokeBus, copyBytesMax, ...ports } = context;
	const copies = createCopies(copyBytesMax);
	const synchronizer = createSynchronizer(ports, copies);
	return {
		...ports,
		copies,
		uses: createUses(),
		finalRefusals: createFinalRefusals(),
		synchronizer,
		askBus: createBusClient(invokeBus, ports.log),
		stampAfter: createStamper(ports.clock, synchronizer),
	};
}
