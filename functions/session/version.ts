import { hash } from 'node:crypto';
import type { Session } from './session.ts';

/**
 * The version of a session, its ETag in the API. It names the state on which copies and clients
 * must agree: credential, attributes and revocation, by their stamps. Activity and ownership do not
 * count, because they change nothing that a client sees.
 */
export function versionOf(session: Session): string {
	const known = versions.get(session);
	if (known !== undefined) return known;
	const version = computeVersion(session);
	versions.set(session, version);
	return version;
}

/** A session is never changed in place, so its version is computed once. */
const versions = new WeakMap<Session, string>();

function computeVersion(session: Session): string {
	const stamps = Object.entries(session.attributes).map(([name, attribute]) => `${name} ${attribute.stamp}`);
	const { generation, secretHash } = session.credential;
	const state = [generation, secretHash, session.revocation?.atMs ?? '', ...stamps.sort()].join('\n');
	return hash('sha256', state, 'base64url').slice(0, 16);
}
