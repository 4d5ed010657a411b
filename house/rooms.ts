import { dirname } from 'node:path';

/** The most source files in one folder, so that a reader sees all of them at once. */
export const siblingsMax = 18;

export type FullRoom = { readonly folder: string; readonly files: number };

/** The folders with more than `siblingsMax` of these files directly in them, the fullest first. */
export function fullRooms(files: readonly string[]): readonly FullRoom[] {
	const counts = new Map<string, number>();
	for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
	return [...counts]
		.map(([folder, count]) => ({ folder, files: count }))
		.filter((room) => room.files > siblingsMax)
		.toSorted((a, b) => b.files - a.files);
}
