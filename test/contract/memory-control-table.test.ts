import { createMemoryFeed } from '../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../functions/control-table/memory/lease-table.ts';
import { createMemoryMarkers } from '../../functions/control-table/memory/markers.ts';
import { createMemoryTallyCopies } from '../../functions/control-table/memory/tally-copies.ts';
import { feedContract } from './feed-contract.ts';
import { leaseTableContract } from './lease-table-contract.ts';
import { markersContract, tallyCopiesContract } from './markers-contract.ts';

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

markersContract('memory', async () => {
	const markers = createMemoryMarkers();
	return { open: () => markers };
});

tallyCopiesContract('memory', async () => {
	const copies = createMemoryTallyCopies();
	return { open: () => copies };
});
