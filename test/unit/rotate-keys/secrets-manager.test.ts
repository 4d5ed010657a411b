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
/** The content of a new secret: a single key. */
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
	const answer = await createSecretsManagerKeyring(secrets.client, secretId)();
	if (answer.kind === 'unavailable') throw new Error(answer.reason);
	return answer.keyring;
}

function tokenBy(keyring: Keyring): string {
	return issueToken(keyring, Buffer.alloc(16, 1), Buffer.alloc(16, 2), instanceIdOf(Buffer.alloc(12, 3)), 0).text;
}

describe('rotating the token keyring in Secrets Manager', () => {
	test('begins with the generated key, publishes a key, and lets that key sign with the next rotation', async () => {
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

	test('counts the time since a key was published from the end of the rotation that published it', async () => {
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

	test.each(steps)('continues after %s was repeated', async (repeated) => {
		const id = secrets.beginRotation();
		for (const step of steps) {
			await rotationStep(context, step, id);
			if (step === repeated) await rotationStep(context, step, id);
		}
		expect(roles()).toEqual(['current', 'next']);
	});

	test('is finished once, even if the answer to its last step was lost', async () => {
		await rotate();
		const text = secrets.text();
		const [id] = [secrets.beginRotation()];
		for (const step of steps) await rotationStep(context, step, id);
		for (const step of steps) await rotationStep(context, step, id);
		expect(parseKeyEntries(secrets.text()).map((key) => key.id)).toEqual(parseKeyEntries(text).map((key) => key.id));
	});

	test('refuses a keyring whose signing key no instance knows, and the current keyring stays', async () => {
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

	test('passes the test of a new schedule with an empty version, and never makes that version current', async () => {
		const id = secrets.beginRotation();
		await rotationStep(context, 'testSecret', id);
		await expect(rotationStep(context, 'finishSecret', id)).rejects.toThrow('has no content');
		expect(secrets.text()).toBe(generated);
	});

	test('refuses a version that is not pending', async () => {
		await expect(rotationStep(context, 'createSecret', 'another-version-of-this-secret')).rejects.toThrow(
			'not pending',
		);
	});

	test('fails while Secrets Manager is down, and leaves the keyring as it is', async () => {
		const id = secrets.beginRotation();
		const text = secrets.text();
		secrets.state.isDown = true;
		await expect(rotationStep(context, 'createSecret', id)).rejects.toThrow();
		secrets.state.isDown = false;
		expect(secrets.text()).toBe(text);
	});

	test('logs ids and roles but no secret', async () => {
		await rotate();
		clock.advance(settleMs);
		await rotate();
		expect(lines.join('\n')).toContain('k001 previous');
		for (const { secret } of parseKeyEntries(secrets.text()))
			expect(lines.join('\n')).not.toContain(secret.toString('base64'));
	});
});

describe('a session server that reads its keyring from Secrets Manager', () => {
	test('reads tokens that the generated key signed', async () => {
		expect(readToken(await looked(), tokenBy(parseKeyring(generated)))).not.toBe('malformed');
	});

	test('has no keyring while Secrets Manager is down', async () => {
		secrets.state.isDown = true;
		expect(await createSecretsManagerKeyring(secrets.client, secretId)()).toHaveProperty('kind', 'unavailable');
	});

	test('has no keyring if the secret is not one, and does not reveal the secret', async () => {
		const odd = await startSecretsManager(secretId, '[{"id":"k001","secret":"c2hvcnQtc2VjcmV0"', Date.now);
		const found = await createSecretsManagerKeyring(odd.client, secretId)();
		await odd.close();
		expect(JSON.stringify(found)).toContain('not JSON');
		expect(JSON.stringify(found)).not.toContain('c2hvcnQ');
	});
});
