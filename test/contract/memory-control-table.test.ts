import { createMemoryCopyKeys } from '../../functions/control-table/memory/copy-keys.ts';
import { createMemoryFeed } from '../../functions/control-table/memory/feed.ts';
import { createMemoryLeaseTable } from '../../functions/control-table/memory/lease-table.ts';
import { createMemoryMarkers } from '../../functions/control-table/memory/markers.ts';
import { createMemoryTallyCopies } from '../../functions/control-table/memory/tally-copies.ts';
import { createSettableClock } from '../support/settable-clock.ts';
import { copyKeysContract } from './control-table/copy-keys-contract.ts';
import { feedContract } from './control-table/feed-contract.ts';
import { leaseTableContract } from './control-table/lease-table-contract.ts';
import { markersContract, tallyCopiesContract } from './control-table/markers-contract.ts';

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

copyKeysContract('memory', async () => {
	const clock = createSettableClock();
	const keys = createMemoryCopyKeys(clock);
	return { clock, open: () => keys };
});

markersContract('memory', async () => {
	const markers = createMemoryMarkers();
	return { open: () => markers };
});

tallyCopiesContract('memory', async () => {
	const copies = createMemoryTallyCopies();
	return { open: () => copies };
});
