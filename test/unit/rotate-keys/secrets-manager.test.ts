import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeKeyEntries, type Keyring, parseKeyEntries, parseKeyring } from '../../../functions/access/keyring.ts';
import { issueToken, readToken } from '../../../functions/access/token.ts';
import { settleMs } from '../../../functions/rotate-keys/rotate-keyring.ts';
import { type RotationContext, rotationStep, type Step } from '../../../functions/rotate-keys/rotation-step.ts';
import { createSecretsManagerVersions } from '../../../functions/rotate-keys/secrets-manager-versions.ts';
import { instanceIdOf } from '../../../functions/session/ids.ts';
import { createSecretsManagerKeyring } from '../../../functions/session-server/identity/secrets-manager-keyring.ts';
import { systemRandomBytes } from '../../../functions/system/random.ts';
import { startSecretsManager } from '../../support/secrets-manager.ts';
import { createSettableClock } from '../../support/settable-clock.ts';

const secretId = 'leasehold/token-keys';
/** The text of a new secret: a single key. */
const generated = JSON.stringify({ id: 'k001', secret: 'generated0'.repeat(6) });
const steps: readonly Step[] = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];
const clock = createSettableClock();
let secrets: Awaited<ReturnType<typeof startSecretsManager>>;
let context: RotationContext;
let lines: string[];

beforeEach(async () => {
	secrets = await startSecretsManager(secretId, generated, () => clock.now().wallMs);
	lines = [];
	context = {
		versions: createSecretsManagerVersions(secrets.client, clock, secretId),
		clock,
		randomBytes: systemRandomBytes,
		log: (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
		absoluteMs: 3_600_000,
	};
});
afterEach(() => secrets.close());

async function rotate(): Promise<void> {
	const id = secrets.beginRotation();
	for (const step of steps) await rotationStep(context, step, id);
	secrets.endRotation();
}

const roles = () => parseKeyEntries(secrets.text()).map(({ role }) => role);
const current = () => parseKeyEntries(secrets.text())[0]?.id;

async function looked(): Promise<Keyring> {
	const keyring = await createSecretsManagerKeyring(secrets.client, secretId)();
	if ('unavailable' in keyring) throw new Error(keyring.unavailable);
	return keyring;
}

function tokenBy(keyring: Keyring): string {
	return issueToken(keyring, Buffer.alloc(16, 1), Buffer.alloc(16, 2), instanceIdOf(Buffer.alloc(12, 3))).text;
}

describe('a rotation of the token keyring in Secrets Manager', () => {
	test('the first rotation publishes a key beside the generated one, and the next lets it sign', async () => {
		const before = await looked();
		await rotate();
		expect(roles()).toEqual(['current', 'next']);
		expect(current()).toBe('k001');
		const published = await looked();
		clock.advance(settleMs);
		await rotate();
		expect(roles()).toEqual(['current', 'previous', 'next']);
		const after = await looked();
		expect(after.current.id).not.toBe('k001');
		expect(readToken(after, tokenBy(before))).not.toBe('malformed');
		expect(readToken(published, tokenBy(after))).not.toBe('malformed');
	});

	test('a key counts as published since the end of the rotation that published it', async () => {
		const id = secrets.beginRotation();
		for (const step of steps.slice(0, 3)) await rotationStep(context, step, id);
		clock.advance(settleMs);
		await rotationStep(context, 'finishSecret', id);
		secrets.endRotation();
		clock.advance(settleMs - 1);
		await rotate();
		expect(roles()).toEqual(['current', 'next']);
		expect(current()).toBe('k001');
	});

	test.each(steps)('a rotation continues after %s was done twice', async (repeated) => {
		const id = secrets.beginRotation();
		for (const step of steps) {
			await rotationStep(context, step, id);
			if (step === repeated) await rotationStep(context, step, id);
		}
		expect(roles()).toEqual(['current', 'next']);
	});

	test('a rotation is finished once, even if the answer to its last step was lost', async () => {
		await rotate();
		const text = secrets.text();
		const [id] = [secrets.beginRotation()];
		for (const step of steps) await rotationStep(context, step, id);
		for (const step of steps) await rotationStep(context, step, id);
		expect(parseKeyEntries(secrets.text()).map((key) => key.id)).toEqual(parseKeyEntries(text).map((key) => key.id));
	});

	test('a rotation refuses a keyring whose signing key was not published, and the current one stays', async () => {
		const id = secrets.beginRotation();
		const text = secrets.text();
		await context.versions.putPending(
			id,
			encodeKeyEntries([
				{ id: 'new1', secret: Buffer.alloc(32, 9), role: 'current' },
				...parseKeyEntries(text).map((key) => ({ ...key, role: 'previous' as const })),
			]),
		);
		await expect(rotationStep(context, 'testSecret', id)).rejects.toThrow('do not read the tokens of each other');
		expect(secrets.text()).toBe(text);
	});

	test('the empty version with which Secrets Manager tests a schedule passes and never becomes current', async () => {
		const id = secrets.beginRotation();
		await rotationStep(context, 'testSecret', id);
		await expect(rotationStep(context, 'finishSecret', id)).rejects.toThrow('has no content');
		expect(secrets.text()).toBe(generated);
	});

	test('a rotation refuses a version that is not pending', async () => {
		await expect(rotationStep(context, 'createSecret', 'another-version-of-this-secret')).rejects.toThrow(
			'not pending',
		);
	});

	test('a rotation fails while Secrets Manager is down, and leaves the keyring unchanged', async () => {
		const id = secrets.beginRotation();
		const text = secrets.text();
		secrets.state.isDown = true;
		await expect(rotationStep(context, 'createSecret', id)).rejects.toThrow();
		secrets.state.isDown = false;
		expect(secrets.text()).toBe(text);
	});

	test('a rotation logs ids and roles, but no secret', async () => {
		await rotate();
		clock.advance(settleMs);
		await rotate();
		expect(lines.join('\n')).toContain('k001 previous');
		for (const { secret } of parseKeyEntries(secrets.text()))
			expect(lines.join('\n')).not.toContain(secret.toString('base64'));
	});
});

describe('a session server that reads its keyring', () => {
	test('a session server reads tokens that the generated key signed', async () => {
		expect(readToken(await looked(), tokenBy(parseKeyring(generated)))).not.toBe('malformed');
	});

	test('a session server has no keyring while Secrets Manager is down', async () => {
		secrets.state.isDown = true;
		expect(await createSecretsManagerKeyring(secrets.client, secretId)()).toHaveProperty('unavailable');
	});

	test('a session server has no keyring if the secret is not one, and the error does not show the secret', async () => {
		const odd = await startSecretsManager(secretId, '[{"id":"k001","secret":"c2hvcnQtc2VjcmV0"', Date.now);
		const found = await createSecretsManagerKeyring(odd.client, secretId)();
		await odd.close();
		expect(JSON.stringify(found)).toContain('not JSON');
		expect(JSON.stringify(found)).not.toContain('c2hvcnQ');
	});
});
