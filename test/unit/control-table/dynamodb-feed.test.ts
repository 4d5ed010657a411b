import { describe, expect, test } from 'vitest';
import { createDynamoDbFeed } from '../../../functions/control-table/dynamodb/feed.ts';
import { packEntry, slotOf } from '../../../functions/control-table/dynamodb/packed-entry.ts';
import { packedId } from '../../../functions/control-table/entry-id.ts';
import type { FeedEntry } from '../../../functions/control-table/feed.ts';
import { layoutOf } from '../../../functions/control-table/feed-layout.ts';
import { type LayoutsInUse, stateUsedMs } from '../../../functions/control-table/layout-change.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import { controlTableTryMs } from '../../../functions/system/time-budget.ts';
import { Unreachable } from '../../../functions/system/unreachable.ts';
import { feedContract } from '../../contract/control-table/feed-contract.ts';
import { exampleSessionId, exampleStartMs } from '../../support/example-session.ts';
import { createSettableClock } from '../../support/settable-clock.ts';
import { createKeptItems, type KeptItems } from './kept-items.ts';

for (const layout of ['entries', '1x1', '3x2'])
	feedContract(`DynamoDB, in the layout ${layout} and with many entries,`, async () => {
		const table = tableWith({ current: layout, former: [] });
		const open = () => openFeed(table, layout);
		return {
			open,
			fill: async (entries) => {
				const filler = open();
				for (const entry of entries) await filler.append(entry);
			},
			...(layout === 'entries' ? {} : { idOf: packedId }),
		};
	});

const entry: FeedEntry = {
	id: 'change',
	atMs: exampleStartMs,
	sessionId: exampleSessionId(1),
	kind: 'end',
	proofWanted: false,
};

describe('a packed feed', () => {
	test('has each entry in every replica, and a reader reads one of them', async () => {
		const table = tableWith({ current: '2x3', former: [] });
		await openFeed(table, '2x3').append(entry);
		expect(packedKeys(table)).toHaveLength(3);
		const asked = new Set<string>();
		table.before = (command) => void asked.add(/#(\d\.\d)#/.exec(JSON.stringify(command))?.[1] ?? 'none');
		const entries = await openFeed(table, '2x3', 4).read(exampleStartMs, exampleStartMs);
		expect(entries).toHaveLength(1);
		expect(asked).toEqual(new Set(['none', '0.1', '1.1']));
	});

	test('has the entries of a tenth of a second in one item', async () => {
		const table = tableWith({ current: '1x1', former: [] });
		const feed = openFeed(table, '1x1');
		for (const afterMs of [0, 1, 99, 100])
			await feed.append({ ...entry, id: `change ${afterMs}`, atMs: exampleStartMs + afterMs });
		expect(packedKeys(table)).toHaveLength(2);
	});

	test('keeps an item until no instance needs the last entry of its slot', async () => {
		const table = tableWith({ current: '1x1', former: [] });
		const feed = openFeed(table, '1x1');
		await feed.append({ ...entry, atMs: exampleStartMs + 99 });
		await feed.append(entry);
		const [key = ''] = packedKeys(table);
		const deletedAtMs = 1_000 * Number(table.items.get(key)?.['ttl']?.N);
		expect(deletedAtMs).toBeGreaterThanOrEqual(exampleStartMs + 99 + timingDefaults.feedRetentionMs);
	});

	test.each(['ProvisionedThroughputExceededException', 'ThrottlingException', 'ValidationException'])(
		'puts an entry into another shard if the first one refuses it with %s',
		async (name) => {
			const table = tableWith({ current: '2x2', former: [] });
			const refused = new Set<string>();
			table.before = async (command) => {
				const shard = shardIn(command);
				if (shard === undefined || (refused.size > 0 && !refused.has(shard))) return;
				refused.add(shard);
				throw Object.assign(new Error('refused'), { name });
			};
			await openFeed(table, '2x2').append(entry);
			table.before = () => undefined;
			expect(await openFeed(table, '2x2').read(exampleStartMs, exampleStartMs)).toMatchObject([
				{ id: packedId(entry) },
			]);
		},
	);

	test('does not try another shard if the first one does not answer', async () => {
		const table = tableWith({ current: '2x2', former: [] });
		const tried = new Set<string>();
		table.before = async (command) => {
			const shard = shardIn(command);
			if (shard === undefined) return;
			tried.add(shard);
			throw Object.assign(new Error('late'), { name: 'TimeoutError' });
		};
		await expect(openFeed(table, '2x2').append(entry)).rejects.toThrow(Unreachable);
		expect(tried.size).toBe(1);
	});

	test.each([
		['puts an entry into another shard if one replica', 'ThrottlingException', true],
		['has not answered an append if one replica', 'TimeoutError', false],
	])('%s fails with %s', async (_, name, isAppended) => {
		const table = tableWith({ current: '2x3', former: [] });
		let failed: string | undefined;
		table.before = async (command) => {
			const key = JSON.stringify(command);
			if (shardIn(command) === undefined || !key.includes('.1#')) return;
			failed ??= shardIn(command);
			if (failed === shardIn(command)) throw Object.assign(new Error('no'), { name });
		};
		const append = openFeed(table, '2x3').append(entry);
		if (!isAppended) return expect(append).rejects.toThrow(Unreachable);
		await append;
		for (const reader of [0, 1, 2])
			expect(await openFeed(table, '2x3', reader).read(exampleStartMs, exampleStartMs)).toContainEqual(
				expect.objectContaining({ id: packedId(entry) }),
			);
	});

	test('is read from another replica after one that did not answer', async () => {
		const table = tableWith({ current: '1x2', former: [] });
		await openFeed(table, '1x2').append(entry);
		table.before = async (command) => {
			if (JSON.stringify(command).includes('#0.0#')) throw new Error('throttled');
		};
		const reader = openFeed(table, '1x2');
		await expect(reader.read(exampleStartMs, exampleStartMs)).rejects.toThrow(Unreachable);
		expect(await reader.read(exampleStartMs, exampleStartMs)).toHaveLength(1);
	});
});

describe('a feed of which nobody has changed the layout', () => {
	const formerItem = {
		pk: { S: `feed#${exampleStartMs / 60_000}` },
		sk: { S: `00${exampleStartMs}#change` },
		atMs: { N: String(exampleStartMs) },
		session: { S: exampleSessionId(1) },
		kind: { S: 'end' },
		acknowledge: { BOOL: false },
		ttl: { N: String((exampleStartMs + timingDefaults.feedRetentionMs) / 1_000) },
	};

	test('is written as the release before reads it', async () => {
		const table = createKeptItems();
		await openFeed(table).append(entry);
		expect([...table.items.values()]).toEqual([formerItem]);
	});

	test('is read as the release before writes it, also during a change to another layout', async () => {
		for (const used of [undefined, { current: 'entries', next: '2x1', former: [] }]) {
			const table = used === undefined ? createKeptItems() : tableWith(used);
			table.set(formerItem);
			expect(await openFeed(table).read(exampleStartMs, exampleStartMs)).toEqual([entry]);
		}
	});

	test.each([
		['without a time', { atMs: { S: 'soon' } }],
		['of an unknown kind', { kind: { S: 'rotation' } }],
		['of no session', { session: { S: 'issuer:alice' } }],
	])('is unreadable with an entry %s, so every copy is dropped', async (_, later) => {
		const table = createKeptItems();
		table.set({ ...formerItem, ...later });
		expect(await openFeed(table).read(exampleStartMs, exampleStartMs)).toBe('overflow');
	});
});

describe('the layouts in use', () => {
	test('are asked for again after a freeze, although the call from before it has no answer', async () => {
		const table = createKeptItems();
		const clock = createSettableClock();
		const feed = openFeed(table, undefined, 0, clock);
		let asked = 0;
		table.before = (command) => {
			if (!isAboutLayouts(command) || asked++ > 0) return undefined;
			return new Promise<never>(() => undefined);
		};
		void feed.read(exampleStartMs, exampleStartMs);
		clock.advance(controlTableTryMs - 1);
		void feed.read(exampleStartMs, exampleStartMs);
		expect(asked).toBe(1);
		clock.advance(1);
		expect(await feed.read(exampleStartMs, exampleStartMs)).toEqual([]);
		expect(await feed.read(exampleStartMs, exampleStartMs)).toEqual([]);
		expect(asked).toBe(2);
	});

	test.each([
		['no list of former layouts', JSON.stringify({ current: 'entries' })],
		['a former layout without a name', JSON.stringify({ current: 'entries', former: [{}] })],
		['no current layout', JSON.stringify({ former: [] })],
		['no object', 'null'],
		['no JSON', '{'],
	])('are unknown if the item has %s', async (_, layouts) => {
		const table = tableWith({ current: 'entries', former: [] });
		table.set({ ...layoutsKey, version: { N: '1' }, layouts: { S: layouts } });
		await expect(openFeed(table).read(exampleStartMs, exampleStartMs)).rejects.toThrow(Unreachable);
		await expect(openFeed(table).append(entry)).rejects.toThrow(Unreachable);
	});
});

/** While functions are replaced, their roles may be those of the release before. */
describe('a bus whose role may not read the layouts', () => {
	const deny = (table: KeptItems) => {
		table.before = async (command) => {
			if (isAboutLayouts(command)) throw Object.assign(new Error('denied'), { name: 'AccessDeniedException' });
		};
	};

	test('writes what the release before reads, if it has no other setting', async () => {
		const table = createKeptItems();
		deny(table);
		const feed = openFeed(table, 'entries');
		await feed.append(entry);
		await feed.append({ ...entry, id: 'another' });
		expect([...table.items.keys()]).toEqual([
			`feed#${exampleStartMs / 60_000} 00${exampleStartMs}#change`,
			`feed#${exampleStartMs / 60_000} 00${exampleStartMs}#another`,
		]);
	});

	test('also after it has read that nothing else is in use', async () => {
		const table = tableWith({ current: 'entries', former: [{ name: '2x1', untilMs: exampleStartMs }] });
		const clock = createSettableClock();
		const feed = openFeed(table, 'entries', 0, clock);
		await feed.append(entry);
		deny(table);
		clock.advance(stateUsedMs + 1);
		await feed.append({ ...entry, id: 'another' });
	});

	test.each([
		['its setting is another layout', '2x1', { current: 'entries', former: [] }],
		['it has read of another layout', 'entries', { current: '2x1', former: [] }],
		['it has read that another layout comes next', 'entries', { current: 'entries', next: '2x1', former: [] }],
	])('appends nothing if %s', async (_, wanted, used) => {
		const table = tableWith(used);
		const clock = createSettableClock();
		const feed = openFeed(table, wanted, 0, clock);
		await feed.append(entry);
		deny(table);
		clock.advance(stateUsedMs + 1);
		await expect(feed.append(entry)).rejects.toThrow(Unreachable);
	});

	test('appends nothing if the layouts are unreachable for another reason', async () => {
		const table = createKeptItems();
		table.before = async (command) => {
			if (isAboutLayouts(command)) throw Object.assign(new Error('late'), { name: 'TimeoutError' });
		};
		await expect(openFeed(table, 'entries').append(entry)).rejects.toThrow(Unreachable);
	});
});

describe('a packed item of a later version', () => {
	const bucket = exampleStartMs / 60_000;
	const item = { pk: { S: `feed#1x1#0.0#${bucket}` }, sk: { S: `00${slotOf(exampleStartMs)}` } };
	const known = packEntry(entry);

	test.each([
		['an entry of another length', { ...item, e: { BS: [known, Buffer.alloc(25)] } }],
		['an entry of another kind', { ...item, e: { BS: [known, Buffer.concat([Buffer.of(4), known.subarray(1)])] } }],
		['its entries in another place', { ...item, f: { BS: [known] } }],
		['another name for its slot', { ...item, sk: { S: `00${slotOf(exampleStartMs)}#1` }, e: { BS: [known] } }],
	])('with %s drops every copy', async (_, later) => {
		const table = tableWith({ current: '1x1', former: [] });
		table.set({ ...item, e: { BS: [known] } });
		const read = () => openFeed(table, '1x1').read(exampleStartMs, exampleStartMs + 1_000);
		expect(await read()).toHaveLength(1);
		table.set(later);
		expect(await read()).toBe('overflow');
	});
});

describe('a feed in a layout of a later version', () => {
	test('is not read, so every copy is dropped, and takes no entry', async () => {
		const feed = openFeed(tableWith({ current: 'of later', former: [] }));
		expect(await feed.read(exampleStartMs, exampleStartMs)).toBe('overflow');
		await expect(feed.append(entry)).rejects.toThrow(Unreachable);
	});
});

const layoutsKey = { pk: { S: 'feed#layouts' }, sk: { S: 'layouts' } };

function tableWith(used: Omit<LayoutsInUse, 'version'>): KeptItems {
	const table = createKeptItems();
	table.set({ ...layoutsKey, version: { N: '1' }, layouts: { S: JSON.stringify(used) } });
	return table;
}

function openFeed({ client }: KeptItems, wanted?: string, reader = 0, clock = createSettableClock()) {
	const layout = wanted === undefined ? undefined : layoutOf(wanted);
	return createDynamoDbFeed(client, 'control', { timing: timingDefaults, clock, wanted: layout, reader });
}

function isAboutLayouts(command: object): boolean {
	return JSON.stringify(command).includes('feed#layouts');
}

function packedKeys({ items }: KeptItems): string[] {
	return [...items.keys()].filter((key) => /^feed#\d+x\d+#/.test(key));
}

/** The shard that an update goes to. */
function shardIn(command: object): string | undefined {
	return /UpdateExpression/.test(JSON.stringify(command)) ? /#(\d)\.\d#/.exec(JSON.stringify(command))?.[1] : undefined;
}
