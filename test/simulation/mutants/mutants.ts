import type { Mutant } from './mutant.ts';
import { mutantsBeforeTheBus } from './before-the-bus.ts';
import { mutantsBehindTheBus } from './behind-the-bus.ts';

export const mutants: readonly Mutant[] = [...mutantsBeforeTheBus, ...mutantsBehindTheBus];
