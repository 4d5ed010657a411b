/** Holds a step until it is its turn. */
export type Gate = () => Promise<void>;

/** One run. Its processes wait at the gate before each step whose effect others can see. */
export type Play = (gate: Gate) => Promise<void>;

/**
 * Plays a run once in every order of steps that its processes allow.
 *
 * @returns the number of orders.
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

/**
 * Plays a run `times` times. At each step, `draw` chooses one of `ways` processes, numbered from 0.
 */
export async function inSomeOrders(times: number, draw: (ways: number) => number, play: Play): Promise<void> {
	for (let time = 0; time < times; time++) await playAlong([], draw, play);
}

/** At one step, `ways` processes could have continued, and the one with the number `taken` did. */
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

/** Resolves when no promise job is left. Node runs `nextTick` callbacks after those. */
function settled(): Promise<void> {
	return new Promise((resolve) => process.nextTick(resolve));
}

/** A linear congruential generator, so that the orders are the same each time. */
export function createDraw(): (ways: number) => number {
	let state = 8_051_179;
	return (ways) => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return Math.floor((state / 2 ** 32) * ways);
	};
}
