import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Session } from '../session/session.ts';
import { signedTextOf } from '../session/signed-part.ts';
import type { Keyring, TokenKey } from './keyring.ts';

/**
 * `session` with the signature of what its login decided, `KEY.MAC`: the id of the token key whose
 * record key signs, and an HMAC-SHA256 over the signed part, in base64url. It is in the register of
 * the credential, so a merge keeps it with the values that it was made for.
 */
export function signed(keyring: Keyring, session: Session): Session {
	const signature = signatureOf(keyring.current, session);
	return Object.freeze({ ...session, credential: Object.freeze({ ...session.credential, signature }) });
}

/** Whether a session server signed exactly this. A signature has one text only. */
export function isGenuine(keyring: Keyring, session: Session): boolean {
	const { signature } = session.credential;
	const key = keyring.keys.get(signingKeyId(session) ?? '');
	if (signature === undefined || key === undefined) return false;
	const [claimed, expected] = [Buffer.from(signature), Buffer.from(signatureOf(key, session))];
	return claimed.length === expected.length && timingSafeEqual(claimed, expected);
}

/** The id of the key with which a session claims to be signed. */
export function signingKeyId({ credential }: Session): string | undefined {
	return credential.signature?.slice(0, credential.signature.indexOf('.'));
}

function signatureOf({ id, recordKey }: TokenKey, session: Session): string {
	return `${id}.${createHmac('sha256', recordKey).update(signedTextOf(session)).digest('base64url')}`;
}
