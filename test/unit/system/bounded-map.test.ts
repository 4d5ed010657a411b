import { expect, test } from 'vitest';
import { createBoundedMap } from '../../../functions/system/bounded-map.ts';

test('a full map replaces its oldest entry', () => {
	const map = createBoundedMap<string, number>(2);
	map.set('a', 1);
	map.set('b', 2);
	map.set('c', 3);
	expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([undefined, 2, 3]);
});

test('setting an entry again makes it the newest and replaces no other', () => {
	const map = createBoundedMap<string, number>(2);
	map.set('a', 1);
	map.set('b', 2);
	map.set('a', 3);
	expect([map.get('a'), map.get('b')]).toEqual([3, 2]);
	map.set('c', 4);
	expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([3, undefined, 4]);
});

test('a deleted entry makes room for another', () => {
	const map = createBoundedMap<string, number>(2);
	map.set('a', 1);
	map.set('b', 2);
	map.delete('b');
	map.set('c', 3);
	expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
});
