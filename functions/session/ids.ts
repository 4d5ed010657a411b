import type { InstanceId, SessionId } from './session.ts';

export const sessionIdBytes = 16;
export const instanceIdBytes = 12;

/**
 * 16 bytes make 21 base64url characters and one with two significant bits. Only the canonical form
 * passes.
 */
export const sessionIdPattern = /^[A-Za-z0-9_-]{21}[AQgw]$/;
export const instanceIdPattern = /^[A-Za-z0-9_-]{16}$/;

export function sessionIdOf(bytes: Uint8Array): SessionId {
	return encode(bytes, sessionIdBytes) as SessionId;
}

export function instanceIdOf(bytes: Uint8Array): InstanceId {
	return encode(bytes, instanceIdBytes) as InstanceId;
}

function encode(bytes: Uint8Array, length: number): string {
	if (bytes.length !== length) throw new Error(`an id needs ${length} bytes, not ${bytes.length}`);
	return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}
