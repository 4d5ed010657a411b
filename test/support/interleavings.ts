/** Holds the step that asks until it is its turn. */
export type Gate = () => Promise<void>;

/** One run: its processes ask the gate before each step that others can notice. */
export type Play = (gate: Gate) => Promise<void>;

/**
 * Plays again and again, each time with the steps in another order, until every order that the processes allow was played.
 * @returns in how many orders
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

/** Plays so many times, each time in an order that `draw` chooses: of `ways` ways, numbered from 0. */
export async function inSomeOrders(times: number, draw: (ways: number) => number, play: Play): Promise<void> {
	for (let time = 0; time < times; time++) await playAlong([], draw, play);
}

/** At some step, `ways` processes could have gone on, and that with number `taken` did. */
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
		if (ways === 0) throw new Error('nobody can go on');
		const branch = path[taken.length] ?? { taken: choose(ways), ways };
		taken.push(branch);
		waiting.splice(branch.taken, 1)[0]?.();
	}
	await played;
	return taken;
}

/** Resolves when no promise job is left: Node runs its next ticks after them. */
function settled(): Promise<void> {
	return new Promise((resolve) => process.nextTick(resolve));
}
