import { createMemoryFeed } from '../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../functions/control-table/memory/lease-table.ts';
import { feedContract } from './feed-contract.ts';
import { leaseTableContract } from './lease-table-contract.ts';

leaseTableContract('memory', async () => {
	const table = createMemoryLeaseTable();
	return { open: () => table };
});

feedContract('memory', async () => {
	const feed = createMemoryFeed();
	return {
		open: () => feed,
		fill: async (entries) => {
			for (const entry of entries) await feed.append(entry);
		},
	};
});
