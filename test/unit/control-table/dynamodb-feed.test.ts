import { describe, expect, test } from 'vitest';
import { createDynamoDbFeed } from '../../../functions/control-table/dynamodb/feed.ts';
import { packedId } from '../../../functions/control-table/dynamodb/packed-entry.ts';
import type { FeedEntry } from '../../../functions/control-table/feed.ts';
import { layoutOf } from '../../../functions/control-table/feed-layout.ts';
import type { LayoutsInUse } from '../../../functions/control-table/layout-change.ts';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
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
});

describe('a feed in a layout of a later version', () => {
	test('is not read, so every copy is dropped, and takes no entry', async () => {
		const feed = openFeed(tableWith({ current: 'of later', former: [] }));
		expect(await feed.read(exampleStartMs, exampleStartMs)).toBe('overflow');
		await expect(feed.append(entry)).rejects.toThrow(Unreachable);
	});
});

function tableWith(used: Omit<LayoutsInUse, 'version'>): KeptItems {
	const table = createKeptItems();
	const item = { pk: { S: 'feed#layouts' }, sk: { S: 'layouts' } };
	table.set({ ...item, version: { N: '1' }, layouts: { S: JSON.stringify(used) } });
	return table;
}

function openFeed({ client }: KeptItems, wanted?: string, reader = 0) {
	const layout = wanted === undefined ? undefined : layoutOf(wanted);
	return createDynamoDbFeed(client, 'control', {
		timing: timingDefaults,
		clock: createSettableClock(),
		wanted: layout,
		reader,
	});
}

function packedKeys({ items }: KeptItems): string[] {
	return [...items.keys()].filter((key) => /^feed#\d+x\d+#/.test(key));
}

/** The shard that an update goes to. */
function shardIn(command: object): string | undefined {
	return /UpdateExpression/.test(JSON.stringify(command)) ? /#(\d)\.\d#/.exec(JSON.stringify(command))?.[1] : undefined;
}
