import type { TokenDigest } from '../access/token.ts';
import { createTokenBuckets, type TokenBuckets } from '../system/token-bucket.ts';
import { type AskBus, createBusClient } from './bus-client.ts';
import type { InstanceContext } from './context.ts';
import { createGenuineAnswers } from './genuine-answers.ts';
import { createUses, type Uses } from './memory/activity.ts';
import { type Copies, createCopies } from './memory/copies.ts';
import { createFinalRefusals, type FinalRefusals } from './memory/final-refusals.ts';
import { createKnownEnds, type KnownEnds } from './memory/known-ends.ts';
import { createSynchronizer, type Synchronizer } from './memory/synchronizer.ts';
import { rateOf } from './rates.ts';
import { createStamper, type StampAfter } from './stamper.ts';

/** One instance: its ports, its copies, its right to use them, and its client of the bus. */
export interface Instance extends Omit<InstanceContext, 'invokeBus' | 'copyBytesMax' | 'requestsPerSecond'> {
	readonly copies: Copies;
	readonly ends: KnownEnds;
	readonly uses: Uses;
	readonly finalRefusals: FinalRefusals;
	/** The requests that clients have left, by the digests of their tokens. */
	readonly buckets: TokenBuckets<TokenDigest>;
	readonly synchronizer: Synchronizer;
	readonly askBus: AskBus;
	readonly stampAfter: StampAfter;
}

export function createInstance(context: InstanceContext): Instance {
	const { invokeBus, copyBytesMax, requestsPerSecond, ...ports } = context;
	const copies = createCopies(copyBytesMax);
	const ends = createKnownEnds();
	const synchronizer = createSynchronizer(ports, copies, ends);
	return {
		...ports,
		copies,
		ends,
		uses: createUses(),
		finalRefusals: createFinalRefusals(),
		buckets: createTokenBuckets(rateOf(requestsPerSecond)),
		synchronizer,
		askBus: createGenuineAnswers(createBusClient(invokeBus, ports.log), ports),
		stampAfter: createStamper(ports.clock, synchronizer),
	};
}
