import { SettingError } from './setting-error.ts';

/** Memory of the functions that hold copies of sessions. */
export interface MemorySettings {
	/** MB of the whole function. Lambda gives it processor time in proportion. */
	readonly functionMb: number;
	/**
	 * MB for copies of sessions, by an upper estimate of their size in the heap. A quarter of
	 * `functionMb` at most.
	 */
	readonly copiesMb: number;
}

/** Room for some 20,000 sessions. */
export const memoryDefault: MemorySettings = { functionMb: 512, copiesMb: 32 };

/** The function itself needs memory, and so does garbage that has not been collected yet. */
const copiesPartMax = 1 / 4;

/**
 * Bytes for copies.
 * @throws SettingError if the function could run out of memory before it evicts copies.
 */
export function copyBytesMax({ functionMb, copiesMb }: MemorySettings): number {
	const most = Math.floor(functionMb * copiesPartMax);
	if (copiesMb > most)
		throw new SettingError(
			['memory'],
			`copiesMb is ${copiesMb}, but a function with ${functionMb} MB has room for ${most}: set functionMb to ` +
				`${Math.ceil(copiesMb / copiesPartMax)} or more, or copiesMb to ${most} or less`,
		);
	return copiesMb * 1024 * 1024;
}
