import type { Mutant } from './mutant.ts';
import { mutantsBeforeTheBus } from './mutants-before-the-bus.ts';
import { mutantsBehindTheBus } from './mutants-behind-the-bus.ts';

export const mutants: readonly Mutant[] = [...mutantsBeforeTheBus, ...mutantsBehindTheBus];
