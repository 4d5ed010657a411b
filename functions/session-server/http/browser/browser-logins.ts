import type { Clock } from '../../../system/clock.ts';
import type { SendRequest } from '../../../system/http-client.ts';
import type { Log } from '../../../system/log.ts';
import type { TrustedIssuer } from '../../deployment/trusted-issuers.ts';
import { createClientSecret, type ReadSecret } from '../../identity/client-secret.ts';
import type { LoginIssuer } from './login-issuer.ts';

/** The issuers at which browsers log in, those with a `client`. */
export interface LoginIssuers {
	/** The issuer of this name. Without a name, the only one. */
	find(name?: string): { readonly name: string; readonly url: string; get(): Promise<LoginIssuer> } | undefined;
}

export interface LoginIssuersContext {
	readonly sendRequest: SendRequest;
	readonly readSecret: ReadSecret;
	readonly clock: Clock;
	readonly log: Log;
}

/** Loads the code of the protocol with the first login, so other requests do not wait for it. */
export function createLoginIssuers(issuers: readonly TrustedIssuer[], context: LoginIssuersContext): LoginIssuers {
	const { readSecret, clock, log } = context;
	const entries = issuers.flatMap((issuer) => {
		const { client } = issuer;
		// If an issuer has moved, its first URL is the current one.
		const [url] = issuer.issuer;
		if (client === undefined || url === undefined) return [];
		const { secretArn } = client;
		const secret = secretArn === undefined ? undefined : createClientSecret(secretArn, readSecret, clock, log);
		let loaded: Promise<LoginIssuer> | undefined;
		const load = async () => {
			const { createLoginIssuer } = await import('./login-issuer.ts');
			return createLoginIssuer({ ...issuer, url }, client, { ...context, secret });
		};
		const get = () => {
			loaded ??= load();
			return loaded;
		};
		return [{ name: issuer.name, url, get }];
	});
	const [only, ...others] = entries;
	return {
		find: (name) => {
			if (name !== undefined) return entries.find((entry) => entry.name === name);
			return others.length === 0 ? only : undefined;
		},
	};
}
