/** Pseudo-random numbers that a seed determines (sfc32, Doty-Humphrey). */
export interface Random {
	/** In [0, 1). */
	unit(): number;
	/** A whole number in [min, max]. */
	between(min: number, max: number): number;
	chance(probability: number): boolean;
	pick<Item>(items: readonly Item[]): Item;
	/** Exponentially distributed with this mean. */
	exponential(mean: number): number;
	bytes(length: number): Uint8Array;
	/** A separate stream. Draws from it do not change the numbers that others draw. */
	fork(): Random;
}

export function createRandom(seed: number): Random {
	let a = 0x9e3779b9 ^ seed;
	let b = 0x243f6a88 + Math.imul(seed, 0x85ebca6b);
	let c = 0xb7e15162 ^ Math.imul(seed, 0xc2b2ae35);
	let counter = 1;

	function next(): number {
		const t = (((a + b) | 0) + counter) | 0;
		counter = (counter + 1) | 0;
		a = b ^ (b >>> 9);
		b = (c + (c << 3)) | 0;
		c = ((c << 21) | (c >>> 11)) + t;
		c |= 0;
		return t >>> 0;
	}
	for (let warmUp = 0; warmUp < 12; warmUp++) next();

	const random: Random = {
		unit: () => next() / 2 ** 32,
		between: (min, max) => min + (next() % (max - min + 1)),
		chance: (probability) => next() < probability * 2 ** 32,
		pick: (items) => {
			const item = items[next() % items.length];
			if (item === undefined) throw new Error('there is nothing to pick from');
			return item;
		},
		exponential: (mean) => -mean * Math.log(1 - next() / 2 ** 32),
		bytes: (length) => {
			const bytes = new Uint8Array(length);
			for (let index = 0; index < length; index += 4) {
				const word = next();
				for (let part = 0; part < 4 && index + part < length; part++) bytes[index + part] = word >>> (8 * part);
			}
			return bytes;
		},
		fork: () => createRandom(next()),
	};
	return random;
}
