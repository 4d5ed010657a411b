import { PutItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import { type Clock, elapsedMs, type Instant, ranMs } from '../../system/clock.ts';
import { controlTableTryMs } from '../../system/time-budget.ts';
import { Unreachable } from '../../system/unreachable.ts';
import {
	betweenStepsMs,
	frozenBetweenStepsMs,
	type LayoutsInUse,
	nextStep,
	noChange,
	stateUsedMs,
} from '../layout-change.ts';
import type { Timing } from '../timing.ts';
import { reach, wrote } from './call.ts';
import type { Item } from './feed-partition.ts';
import type { FeedTable } from './feed-store.ts';

/** The knowledge of this process about the layouts in use. */
export interface KnownLayouts {
	/** The last state that was read, however long ago. */
	guess(): LayoutsInUse | undefined;
	/**
	 * That state if it may still be used, or else a new one from the table. Callers at the same time
	 * share one read, but not one that is later than its first try: it was probably frozen, and a new
	 * one is answered sooner.
	 *
	 * @throws Unreachable when the table did not answer.
	 */
	ask(): Promise<LayoutsInUse>;
	/**
	 * Makes the next step towards a layout, if one is due. Another bus may do so at the same time. A
	 * step that fails is made with a later append.
	 */
	moveTowards(wanted: string): Promise<void>;
}

/** A read of the state that is under way. */
interface Asking {
	readonly at: Instant;
	readonly answer: Promise<LayoutsInUse>;
}

const key = { pk: { S: 'feed#layouts' }, sk: { S: 'layouts' } };

export function createKnownLayouts(
	{ client, tableName }: FeedTable,
	clock: Clock,
	timing: Pick<Timing, 'skewMs' | 'feedRetentionMs'>,
): KnownLayouts {
	let last: { readonly state: LayoutsInUse; readonly at: Instant } | undefined;
	let firstSeen: { readonly version: number; readonly at: Instant } | undefined;
	let asking: Asking | undefined;

	/** The state that may still be used. */
	function known(): LayoutsInUse | undefined {
		return last !== undefined && elapsedMs(last.at, clock.now()) <= stateUsedMs ? last.state : undefined;
	}

	function begin(): Asking {
		const at = clock.now();
		const begun: Asking = {
			at,
			answer: read(at).finally(() => {
				if (asking === begun) asking = undefined;
			}),
		};
		return begun;
	}

	async function read(at: Instant): Promise<LayoutsInUse> {
		const { Items } = await reach(
			client.send(
				new QueryCommand({
					TableName: tableName,
					ConsistentRead: true,
					KeyConditionExpression: 'pk = :pk',
					ExpressionAttributeValues: { ':pk': key.pk },
				}),
			),
		);
		const state = stateOf(Items?.[0]);
		if (last === undefined || last.at.monotonicMs <= at.monotonicMs) last = { state, at };
		if (firstSeen?.version !== state.version) firstSeen = { version: state.version, at: clock.now() };
		return state;
	}

	return {
		guess: () => last?.state,
		ask: async () => {
			const state = known();
			if (state !== undefined) return state;
			if (asking === undefined || elapsedMs(asking.at, clock.now()) >= controlTableTryMs) asking = begin();
			await asking.answer;
			// A freeze may have kept an answer that others waited for before.
			return known() ?? (await read(clock.now()));
		},
		moveTowards: async (wanted) => {
			const now = clock.now();
			const state = known();
			if (state === undefined || firstSeen === undefined) return;
			// A clock that was set does not make running time seem longer.
			const hasRun = ranMs(firstSeen.at, now) >= betweenStepsMs;
			if (!hasRun && now.wallMs - firstSeen.at.wallMs < frozenBetweenStepsMs) return;
			const step = nextStep(state, wanted, now.wallMs, timing);
			if (step === undefined) return;
			// The state is too old now, so it is read again before another step is tried.
			last = { state, at: firstSeen.at };
			await wrote(
				client.send(
					new PutItemCommand({
						TableName: tableName,
						Item: itemOf(step),
						...(state.version === 0
							? { ConditionExpression: 'attribute_not_exists(pk)' }
							: {
									ConditionExpression: 'version = :seen',
									ExpressionAttributeValues: { ':seen': { N: String(state.version) } },
								}),
					}),
				),
			).catch((error: unknown) => {
				if (!(error instanceof Unreachable)) throw error;
			});
		},
	};
}

function itemOf({ version, ...layouts }: LayoutsInUse): Item {
	return { ...key, version: { N: String(version) }, layouts: { S: JSON.stringify(layouts) } };
}

/** @throws Unreachable when the item is not of this form. */
function stateOf(item: Item | undefined): LayoutsInUse {
	if (item === undefined) return noChange;
	try {
		const { current, next, former } = JSON.parse(item['layouts']?.S ?? '') as Omit<LayoutsInUse, 'version'>;
		const version = Number(item['version']?.N);
		const names: readonly unknown[] = [current, next ?? current, ...former.map(({ name }) => name)];
		const numbers: readonly unknown[] = [version, ...former.map(({ untilMs = 0 }) => untilMs)];
		if (names.every((name) => typeof name === 'string') && numbers.every(Number.isFinite))
			return { version, current, next, former };
		throw new Error('the layouts of the feed are not readable');
	} catch (error) {
		throw new Unreachable('control table', error);
	}
}
