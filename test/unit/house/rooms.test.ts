import { expect, test } from 'vitest';
import { fullRooms, siblingsMax } from '../../../house/rooms.ts';

const filesIn = (folder: string, count: number) => Array.from({ length: count }, (_, index) => `${folder}/${index}.ts`);

test('a folder may have eighteen source files, and not one more', () => {
	expect(fullRooms(filesIn('functions/bus', siblingsMax))).toEqual([]);
	expect(fullRooms(filesIn('functions/bus', siblingsMax + 1))).toEqual([{ folder: 'functions/bus', files: 19 }]);
});

test('files in rooms of a folder do not count as its own', () => {
	expect(fullRooms([...filesIn('test', siblingsMax), ...filesIn('test/unit', siblingsMax)])).toEqual([]);
});

test('the fullest room comes first', () => {
	const full = fullRooms([...filesIn('local', 19), ...filesIn('infra', 25)]);
	expect(full.map(({ folder }) => folder)).toEqual(['infra', 'local']);
});
