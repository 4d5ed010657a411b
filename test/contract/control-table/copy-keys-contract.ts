import { generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CopyKeys, PublishedKey } from '../../../functions/carried/copy-keys.ts';
import { exampleStartMs } from '../../support/example-session.ts';
import type { SettableClock } from '../../support/settable-clock.ts';

/** A place for keys to run the contract against. */
export interface CopyKeysBed {
	/** Opens the place with its own client. */
	open(): CopyKeys;
	/** The clock of every client. */
	readonly clock: SettableClock;
	close?(): Promise<void>;
}

/** The contract of every adapter of the `CopyKeys` port. */
export function copyKeysContract(name: string, create: () => Promise<CopyKeysBed>): void {
	describe(`the ${name} copy keys`, () => {
		let bed: CopyKeysBed;
		beforeAll(async () => {
			bed = await create();
		});
		afterAll(() => bed.close?.());

		test('have no key before one is published', async () => {
			expect(await bed.open().find(freshKey().id)).toBeUndefined();
		});

		test('have a key for every client as soon as its publication was answered', async () => {
			for (let round = 0; round < 5; round++) {
				const { privateKey, ...key } = freshKey();
				await bed.open().publish(key);
				const found = await bed.open().find(key.id);
				expect(found).toMatchObject({ id: key.id, expiresAtMs: key.expiresAtMs });
				const text = Buffer.from('a copy');
				expect(verify(null, text, found?.publicKey as KeyObject, sign(null, text, privateKey))).toBe(true);
			}
		});

		test('keep the keys of several buses apart', async () => {
			const [one, other] = [freshKey(), freshKey()];
			await Promise.all([one, other].map((key) => bed.open().publish(key)));
			for (const { id, publicKey } of [one, other])
				expect((await bed.open().find(id))?.publicKey.equals(publicKey)).toBe(true);
		});

		test('never replace a key, and take a repeated publication', async () => {
			const first = freshKey();
			await bed.open().publish(first);
			await bed.open().publish(first);
			await bed.open().publish({ ...freshKey(), id: first.id, expiresAtMs: first.expiresAtMs + 1 });
			const found = await bed.open().find(first.id);
			expect(found?.publicKey.equals(first.publicKey)).toBe(true);
			expect(found?.expiresAtMs).toBe(first.expiresAtMs);
		});

		test('have a key until it expires, and not from then on', async () => {
			const key = freshKey();
			await bed.open().publish(key);
			bed.clock.setWall(key.expiresAtMs - 1);
			expect(await bed.open().find(key.id)).toBeDefined();
			bed.clock.setWall(key.expiresAtMs);
			expect(await bed.open().find(key.id)).toBeUndefined();
			bed.clock.setWall(exampleStartMs);
		});
	});
}

/** A key that no other test has, with its private key. */
export function freshKey(): PublishedKey & { readonly privateKey: KeyObject } {
	const { publicKey, privateKey } = generateKeyPairSync('ed25519');
	return { id: randomBytes(12).toString('base64url'), publicKey, privateKey, expiresAtMs: exampleStartMs + 3_600_000 };
}
