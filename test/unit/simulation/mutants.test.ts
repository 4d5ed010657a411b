import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mutants } from '../../simulation/mutants/mutants.ts';
import { occurrencesOf } from '../../simulation/mutants/plant.ts';

const functions = new URL('../../../functions/', import.meta.url);

const patches = mutants.flatMap(({ name, patches }) => patches.map((patch) => ({ name, ...patch })));

describe('a mutant', () => {
	test.each(patches)('that $name quotes code which stands in $file exactly once', ({ file, find }) => {
		expect(occurrencesOf(find, readFileSync(new URL(file, functions), 'utf8'))).toBe(1);
	});

	test('has a name that no other mutant has', () => {
		expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
	});
});
