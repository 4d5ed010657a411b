import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SecretVersions } from '../../functions/rotate-keys/secret-versions.ts';
import { createSecretsManagerVersions } from '../../functions/rotate-keys/secrets-manager-versions.ts';
import { systemClock } from '../../functions/system/clock.ts';
import { startSecrets, type TestedSecrets } from '../support/engines/secrets.ts';

let secrets: TestedSecrets;
let versions: SecretVersions;

beforeEach(async () => {
	secrets = await startSecrets('first');
	versions = createSecretsManagerVersions(secrets.client, systemClock, secrets.secretId);
});

afterEach(() => secrets.close());

/** An engine's clock may count whole seconds. */
const secondMs = 1_000;

describe('the versions of a secret', () => {
	test('are encrypted with the key that the secret was created with', async () => {
		const { is, shouldBe } = await secrets.encryption();
		expect(is).toBe(shouldBe);
		expect((await versions.current()).text).toBe('first');
	});

	test('begin with a current one, which says since when it is', async () => {
		const { id, text, currentSinceMs } = await versions.current();
		expect(text).toBe('first');
		expect(Math.abs(Date.now() - currentSinceMs)).toBeLessThan(60 * secondMs);
		expect(await versions.standing(id)).toBe('current');
		expect(await versions.standing(randomUUID())).toBe('neither');
	});

	test('have a pending one without a text until it gets one, and take a second try', async () => {
		const id = randomUUID();
		expect(await versions.pending(id)).toBeUndefined();
		await versions.putPending(id, 'second');
		expect(await versions.pending(id)).toBe('second');
		expect(await versions.standing(id)).toBe('pending');
		// Secrets Manager keeps the first text, and MiniStack and moto take the second.
		await versions.putPending(id, 'another');
		expect(await versions.pending(id)).toBeOneOf(['second', 'another']);
		expect((await versions.current()).text).toBe('first');
	});

	test('let the pending one replace the current one in one step', async () => {
		const before = await versions.current();
		const id = randomUUID();
		await versions.putPending(id, 'second');
		await versions.makeCurrent(id, before.id);
		const after = await versions.current();
		expect(after).toMatchObject({ id, text: 'second' });
		expect(after.currentSinceMs).toBeGreaterThan(before.currentSinceMs - secondMs);
		expect([await versions.standing(id), await versions.standing(before.id)]).toEqual(['current', 'neither']);
	});

	test('stay as they are if another one is current than the one to replace', async () => {
		const before = await versions.current();
		const id = randomUUID();
		await versions.putPending(id, 'second');
		await expect(versions.makeCurrent(id, randomUUID())).rejects.toThrow();
		expect(await versions.current()).toMatchObject({ id: before.id, text: 'first' });
	});

	test('cannot be told while Secrets Manager does not answer', async () => {
		const unreachable = createSecretsManagerVersions(secrets.clientOfNobody, systemClock, secrets.secretId);
		await expect(unreachable.current()).rejects.toThrow();
		await expect(unreachable.pending(randomUUID())).rejects.toThrow();
		await expect(unreachable.putPending(randomUUID(), 'second')).rejects.toThrow();
	});
});
