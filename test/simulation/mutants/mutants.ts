import { mutantsBeforeTheBus } from './before-the-bus.ts';
import { mutantsBehindTheBus } from './behind-the-bus.ts';
import { mutantsOfCarriedCopies } from './carried-copies.ts';
import { mutantsOfForgedRecords } from './forged-records.ts';
import { mutantsOfMissedChanges } from './missed-changes.ts';
import type { Mutant } from './mutant.ts';

export const mutants: readonly Mutant[] = [
	...mutantsBeforeTheBus,
	...mutantsBehindTheBus,
	...mutantsOfCarriedCopies,
	...mutantsOfForgedRecords,
	...mutantsOfMissedChanges,
];
