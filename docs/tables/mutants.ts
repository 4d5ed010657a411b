import { mutants } from '../../test/simulation/mutants/mutants.ts';
import { code, table } from './markdown.ts';

/** The planted mistakes, each with the thought that could lead to it. */
export function mutantsTable(): string {
	return table(
		['mutant', 'the thought behind it'],
		mutants.map(({ name, thought }) => [code(name), thought]),
	);
}
