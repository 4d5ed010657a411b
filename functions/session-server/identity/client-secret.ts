import { type Clock, elapsedMs, type Instant } from '../../system/clock.ts';
import type { Log } from '../../system/log.ts';

/** Reads a secret from where it is kept. Never throws. The reason does not show the secret. */
export type ReadSecret = (secretArn: string) => Promise<SecretRead>;

export type SecretRead =
	| { readonly kind: 'read'; readonly text: string }
	| { readonly kind: 'unavailable'; readonly reason: string };

/** The client secret of one issuer. With `again`, the one that was read before is not used. */
export type ClientSecret = (again: boolean) => Promise<SecretRead>;

/** A secret that was replaced is noticed by this time, or when the issuer refuses it. */
const freshMs = 5 * 60_000;

/**
 * Anyone can begin logins, so a secret that the issuer refuses is read at most once in this time.
 */
const rereadAfterMs = 10_000;

/** Reads the secret when a login needs it, and keeps it for some minutes. */
export function createClientSecret(secretArn: string, readSecret: ReadSecret, clock: Clock, log: Log): ClientSecret {
	let known: { readonly read: SecretRead & { readonly kind: 'read' }; readonly at: Instant } | undefined;
	return async (again) => {
		const at = clock.now();
		if (known !== undefined && elapsedMs(known.at, at) < (again ? rereadAfterMs : freshMs)) return known.read;
		const read = await readSecret(secretArn);
		if (read.kind === 'read') {
			known = { read, at };
			return read;
		}
		log('warn', 'a client secret could not be read', { secretArn, reason: read.reason });
		return known?.read ?? read;
	};
}
