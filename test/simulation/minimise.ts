import { type FaultKind, faultKinds } from './faults/kinds.ts';
import { operationsDefault, type RunOptions, run } from './run.ts';

/** Leaves out the kinds of fault that a failing run does not need, and tries fewer operations. */
export async function minimise(failing: RunOptions): Promise<RunOptions> {
	let smallest = failing;
	for (const kind of faultKinds) smallest = await tryWithout(smallest, kind);
	for (let operations = operationsDefault; operations >= operationsMin; operations = Math.floor(operations * 0.8)) {
		const smaller = { ...smallest, operations };
		if (await fails(smaller)) smallest = smaller;
	}
	return smallest;
}

const operationsMin = 10;

async function tryWithout(options: RunOptions, kind: FaultKind): Promise<RunOptions> {
	const smaller = { ...options, without: [...(options.without ?? []), kind] };
	return (await fails(smaller)) ? smaller : options;
}

async function fails(options: RunOptions): Promise<boolean> {
	return (await run(options)).violations.length > 0;
}
