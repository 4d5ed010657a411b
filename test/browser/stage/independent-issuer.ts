import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { type Listener, listen } from '../../../local/system/listen.ts';
import { freePort } from '../../../local/system/port.ts';

/** The client that is registered at the issuer. It has no secret, and uses PKCE. */
export const clientId = 'notes';

/**
 * Starts `oidc-provider` as an issuer that this project did not write. Its own development pages
 * take any name and password.
 *
 * @param redirectUri the callback of the client
 * @param returnTo the page after a logout
 */
export async function startIndependentIssuer(redirectUri: string, returnTo: string): Promise<Listener> {
	const port = await freePort();
	const provider = new Provider(`http://127.0.0.1:${port}`, {
		clients: [
			{
				client_id: clientId,
				token_endpoint_auth_method: 'none',
				redirect_uris: [redirectUri],
				post_logout_redirect_uris: [returnTo],
			},
		],
		cookies: { keys: ['for one run of the tests'] },
		features: { devInteractions: { enabled: true } },
	});
	return await listen(createServer(provider.callback()), port);
}
