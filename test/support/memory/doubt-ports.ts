import { createMemoryMarkers, type MemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import { createMemoryTallyCopies } from '../../../functions/control-table/memory/tally-copies.ts';
import type { TallyCopies } from '../../../functions/control-table/tally-copies.ts';

/** The part of a control table that tells which repositories are in doubt: at first, none is. */
export interface DoubtPorts {
	readonly markers: MemoryMarkers;
	readonly tallyCopies: TallyCopies;
}

export function createDoubtPorts(): DoubtPorts {
	return { markers: createMemoryMarkers(), tallyCopies: createMemoryTallyCopies() };
}
