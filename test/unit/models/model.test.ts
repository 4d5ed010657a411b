import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Configuration, configurations } from '../../../models/configurations.ts';
import { foundIn, textOf } from '../../../models/tlc.ts';

const module = readFileSync(new URL('../../../models/CarriedCopies.tla', import.meta.url), 'utf8');

test('every mistake of the model has a configuration that must find it, and no configuration has another', () => {
	const inModel = [...module.matchAll(/Mistake (?:\/?=|\\in) (\{[^}]*\}|"[^"]*")/g)].flatMap(([, names = '']) =>
		[...names.matchAll(/"([^"]+)"/g)].map(([, name]) => name),
	);
	const configured = configurations.map(({ constants }) => constants.Mistake).filter((name) => name !== 'none');
	expect([...new Set(configured)].sort()).toEqual([...new Set(inModel)].sort());
	for (const { expected, constants } of configurations)
		if (constants.Mistake !== 'none') expect(expected).toBe('violated');
});

test('the configurations have different names, and every constant of the model', () => {
	expect(new Set(configurations.map(({ name }) => name)).size).toBe(configurations.length);
	const [, declared = ''] = /^CONSTANTS\n([\s\S]*?)\n\n/m.exec(module) ?? [];
	const names = [...declared.matchAll(/^ +(\w+)/gm)].map(([, name]) => name);
	for (const { constants } of configurations) expect(Object.keys(constants).sort()).toEqual(names.sort());
});

test('a configuration is written as TLC reads it', () => {
	const configuration: Pick<Configuration, 'invariant' | 'constants'> = {
		invariant: 'Revoked',
		constants: { ...(configurations[0] as Configuration).constants, Forgets: true },
	};
	expect(textOf({ name: '', thought: '', expected: 'holds', ...configuration })).toMatch(
		/^SPECIFICATION Spec\nCONSTRAINT MayBeUsed\nCONSTANTS\n(.+\n)*Skew = 1\n(.+\n)*Forgets = TRUE\n(.+\n)*Mistake = "none"\nINVARIANT Revoked\n$/,
	);
});

test.each([
	[
		'Error: Invariant Revoked is violated.\nState 1: <Init>\n…\nState 2: <Tick>\n9 states generated, 7 distinct states found, 3 states left on queue.',
		{ kind: 'violated', states: 7, steps: 2 },
	],
	[
		'Model checking completed. No error has been found.\n20 states generated, 12 distinct states found, 0 states left on queue.',
		{ kind: 'holds', states: 12 },
	],
	[
		'Error: TLC threw an unexpected exception.\n',
		{ kind: 'failed', reason: 'Error: TLC threw an unexpected exception.' },
	],
	// Its progress is no result.
	['Progress(9): 22 states generated, 11 distinct states found, 7 left', { kind: 'failed' }],
])('of the output %j, the result is %o', (output, found) => {
	expect(foundIn(output)).toMatchObject(found);
});
