import {
	encodeKeyEntries,
	type KeyEntry,
	type Keyring,
	keyringOf,
	keySecretBytes,
	parseKeyEntries,
} from '../access/keyring.ts';
import { issueToken, readToken, secretBytes } from '../access/token.ts';
import { instanceIdBytes, instanceIdOf, sessionIdBytes } from '../session/ids.ts';
import type { Clock } from '../system/clock.ts';
import type { Log } from '../system/log.ts';
import type { RandomBytes } from '../system/random.ts';
import { rotateKeyring } from './rotate-keyring.ts';
import type { SecretVersions } from './secret-versions.ts';

/**
 * The four steps of a rotation (AWS Secrets Manager User Guide, "Rotation by Lambda function").
 * Secrets Manager may repeat each of them.
 */
export type Step = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export interface RotationContext {
	readonly versions: SecretVersions;
	readonly clock: Clock;
	readonly randomBytes: RandomBytes;
	readonly log: Log;
	readonly absoluteMs: number;
}

/**
 * Runs one step. If it throws, the current keyring stays.
 *
 * @throws when the version is not pending, or if the new keyring would end sessions.
 */
export async function rotationStep(context: RotationContext, step: Step, versionId: string): Promise<void> {
	const standing = await context.versions.standing(versionId);
	if (standing === 'current') return;
	if (standing === 'neither') throw new Error(`the version ${versionId} is not pending`);
	switch (step) {
		case 'createSecret':
			return createPending(context, versionId);
		case 'setSecret':
			// Nothing to do: session servers read the secret themselves.
			return;
		case 'testSecret':
			return testPending(context, versionId);
		case 'finishSecret':
			return finish(context, versionId);
	}
}

/**
 * If the process dies before `putPending`, nothing has changed. If it dies afterwards, the
 * repetition finds the pending version.
 */
async function createPending(context: RotationContext, versionId: string): Promise<void> {
	const { versions, clock, absoluteMs, randomBytes } = context;
	if ((await versions.pending(versionId)) !== undefined) return;
	const current = await versions.current();
	const keys = parseKeyEntries(current.text);
	const time = { nowMs: clock.now().wallMs, publishedAtMs: current.currentSinceMs, absoluteMs };
	const rotated = rotateKeyring(keys, time, () => newKey(randomBytes, keys));
	await versions.putPending(versionId, encodeKeyEntries(rotated));
	context.log('info', 'the token keyring is rotated', { before: describe(keys), after: describe(rotated) });
}

/** A key id has 24 random bits. An id that a token may still name is not used again. */
function newKey(randomBytes: RandomBytes, keys: readonly KeyEntry[]): Pick<KeyEntry, 'id' | 'secret'> {
	let id: string;
	do id = Buffer.from(randomBytes(3)).toString('base64url');
	while (keys.some((key) => key.id === id));
	return { id, secret: Buffer.from(randomBytes(keySecretBytes)) };
}

/**
 * Tests that each keyring reads the tokens that the other one signs. Both are in use until every
 * instance has the new one.
 */
async function testPending(context: RotationContext, versionId: string): Promise<void> {
	const text = await context.versions.pending(versionId);
	// When a rotation is scheduled for later, Secrets Manager runs only this step, with a version
	// without content.
	if (text === undefined) return context.log('info', 'no keyring to test: nothing was rotated', {});
	const before = keyringOf(parseKeyEntries((await context.versions.current()).text));
	const after = keyringOf(parseKeyEntries(text));
	if (!reads(context, after, before) || !reads(context, before, after))
		throw new Error('the rotated keyring and the current one do not read the tokens of each other');
}

/** If a version without content became current, no session server would have keys. */
async function finish({ versions }: RotationContext, versionId: string): Promise<void> {
	if ((await versions.pending(versionId)) === undefined) throw new Error(`the version ${versionId} has no content`);
	await versions.makeCurrent(versionId, (await versions.current()).id);
}

function reads({ randomBytes }: RotationContext, reader: Keyring, signer: Keyring): boolean {
	const owner = instanceIdOf(randomBytes(instanceIdBytes));
	const { text } = issueToken(signer, randomBytes(sessionIdBytes), randomBytes(secretBytes), owner, 0);
	return readToken(reader, text) !== 'malformed';
}

function describe(keys: readonly KeyEntry[]): readonly string[] {
	return keys.map(({ id, role }) => `${id} ${role}`);
}
