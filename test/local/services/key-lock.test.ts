import { expect, test } from 'vitest';
import { createKeyLock } from '../../../local/services/key-lock.ts';

/** Work that records its beginning and end, and takes several turns of the event loop. */
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

test('work for one key runs one after the other, in order of arrival', async () => {
	const { said, work } = worker();
	const lock = createKeyLock();
	expect(await Promise.all(['a', 'b', 'c'].map((name) => lock('key', work(name))))).toEqual(['a', 'b', 'c']);
	expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

test('work for different keys runs at the same time', async () => {
	const { said, work } = worker();
	const lock = createKeyLock();
	await Promise.all([lock('one', work('a')), lock('two', work('b'))]);
	expect(said.slice(0, 2)).toEqual(['a begins', 'b begins']);
});

test('failing work rejects for its caller, and the next work runs', async () => {
	const { work } = worker();
	const lock = createKeyLock();
	const failing = lock('key', () => Promise.reject(new Error('no')));
	const next = lock('key', work('next'));
	await expect(failing).rejects.toThrow('no');
	expect(await next).toBe('next');
});
