import { expect, test } from 'vitest';
import { createKeyLock } from '../../../local/services/key-lock.ts';

/** Work that says when it begins and ends, and takes some turns of the event loop. */
function worker() {
	const said: string[] = [];
	const work = (name: string) => async () => {
		said.push(`${name} begins`);
		await new Promise((resolve) => setTimeout(resolve, 5));
		said.push(`${name} ends`);
		return name;
	};
	return { said, work };
}

test('work for one key is done one after the other, in the order in which it came', async () => {
	const { said, work } = worker();
	const lock = createKeyLock();
	expect(await Promise.all(['a', 'b', 'c'].map((name) => lock('key', work(name))))).toEqual(['a', 'b', 'c']);
	expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('work for different keys does not wait for each other', async () => {
	const { said, work } = worker();
	const lock = createKeyLock();
	await Promise.all([lock('one', work('a')), lock('two', work('b'))]);
	expect(said.slice(0, 2)).toEqual(['a begins', 'b begins']);
});

test('work that fails is the failure of its caller, and lets the next one in', async () => {
	const { work } = worker();
	const lock = createKeyLock();
	const failing = lock('key', () => Promise.reject(new Error('no')));
	const next = lock('key', work('next'));
	await expect(failing).rejects.toThrow('no');
	expect(await next).toBe('next');
});
