/** Holds a step until it is the step's turn. */
export type Gate = () => Promise<void>;

/** Runs the processes once. They wait at the gate before each step that others can notice. */
export type Play = (gate: Gate) => Promise<void>;

/**
 * Plays the processes once in every order of their steps that is possible.
 *
 * @returns the number of orders
 */
export async function inEveryOrder(play: Play): Promise<number> {
	let path: Branch[] = [];
	for (let orders = 1; ; orders++) {
		path = await playAlong(path, () => 0, play);
		const last = path.findLastIndex(({ taken, ways }) => taken + 1 < ways);
		const branch = path[last];
		if (branch === undefined) return orders;
		path = [...path.slice(0, last), { ...branch, taken: branch.taken + 1 }];
	}
}

/** Plays `times` times, in orders that `draw` chooses: it returns a number from 0 to `ways - 1`. */
export async function inSomeOrders(times: number, draw: (ways: number) => number, play: Play): Promise<void> {
	for (let time = 0; time < times; time++) await playAlong([], draw, play);
}

/** At this step `ways` processes could continue, and the process with the number `taken` did. */
interface Branch {
	readonly taken: number;
	readonly ways: number;
}

async function playAlong(path: readonly Branch[], choose: (ways: number) => number, play: Play): Promise<Branch[]> {
	const waiting: (() => void)[] = [];
	const taken: Branch[] = [];
	let over = false;
	const played = play(() => new Promise((resolve) => waiting.push(resolve))).finally(() => {
		over = true;
	});
	for (;;) {
		await settled();
		if (over && waiting.length === 0) break;
		const ways = waiting.length;
		if (ways === 0) throw new Error('no process can continue');
		const branch = path[taken.length] ?? { taken: choose(ways), ways };
		taken.push(branch);
		waiting.splice(branch.taken, 1)[0]?.();
	}
	await played;
	return taken;
}

/** Resolves when no promise job is left, because Node runs its next ticks after promise jobs. */
function settled(): Promise<void> {
	return new Promise((resolve) => process.nextTick(resolve));
}
