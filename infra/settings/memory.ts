import { SettingError } from './setting-error.ts';

/** Memory of the functions that hold copies of sessions. */
export interface MemorySettings {
	/** Of the function, and with it its share of a processor. */
	readonly functionMb: number;
	/** Its part for copies of sessions, counted as they are stored. */
	readonly copiesMb: number;
}

/** Some 20,000 sessions. */
export const memoryDefault: MemorySettings = { functionMb: 512, copiesMb: 32 };

/** A copy takes more memory than it is counted with, and the function itself takes a part of it. */
const copiesPartMax = 1 / 4;

/** @throws where copies would take so much that the function dies for want of memory instead of letting copies go. */
export function copyBytesMax({ functionMb, copiesMb }: MemorySettings): number {
	const most = Math.floor(functionMb * copiesPartMax);
	if (copiesMb > most)
		throw new SettingError(
			['memory'],
			`copiesMb is ${copiesMb}, and a function with ${functionMb} MB has room for ${most}; give it ` +
				`functionMb ${Math.ceil(copiesMb / copiesPartMax)}, or fewer copies`,
		);
	return copiesMb * 1024 * 1024;
}
