/** An application that may send users to the local issuer. */
export interface IssuerClient {
	readonly id: string;
	/** With a secret, the client must authenticate at the token endpoint. */
	readonly secret?: string;
	/** URLs that get the answers to logins, compared as text. */
	readonly redirectUris: readonly string[];
	/** URLs to which a logout may return, compared as text. */
	readonly postLogoutRedirectUris: readonly string[];
	/**
	 * Whether callbacks and pages of this machine count as registered without being listed. The
	 * region's port is chosen after the issuer has started (RFC 8252 section 7.3).
	 */
	readonly allowsOwnMachine: boolean;
}

const callbackPath = '/v1/login/callback';

export function mayReturnTo(client: IssuerClient, redirectUri: string): boolean {
	if (client.redirectUris.includes(redirectUri)) return true;
	const url = client.allowsOwnMachine ? onOwnMachine(redirectUri) : undefined;
	return url?.pathname.endsWith(callbackPath) === true && url.search === '';
}

export function mayEndAt(client: IssuerClient, uri: string): boolean {
	return client.postLogoutRedirectUris.includes(uri) || (client.allowsOwnMachine && onOwnMachine(uri) !== undefined);
}

/** The URL, if its host is the loopback interface and nothing in it is hidden from readers. */
function onOwnMachine(text: string): URL | undefined {
	const url = URL.parse(text);
	if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '' || url.hash !== '')
		return undefined;
	// Names below `localhost` mean this machine also (RFC 6761). Emulators give them to APIs.
	return /^(127\.0\.0\.1|\[::1\]|([a-z0-9-]+\.)*localhost)$/.test(url.hostname) ? url : undefined;
}

export type Authenticated =
	| { readonly kind: 'authenticated'; readonly client: IssuerClient }
	| { readonly kind: 'refused'; readonly reason: string };

/**
 * Finds the client of a request to the token endpoint, by `client_secret_basic`,
 * `client_secret_post` or `none` (RFC 6749 section 2.3.1).
 */
export function authenticate(
	clients: readonly IssuerClient[],
	authorization: string | undefined,
	form: URLSearchParams,
): Authenticated {
	const basic = /^basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization ?? '')?.[1];
	if (authorization !== undefined && basic === undefined)
		return { kind: 'refused', reason: 'the header authorization must have the scheme Basic' };
	const given = basic === undefined ? formCredentials(form) : basicCredentials(basic);
	const client = clients.find(({ id }) => id === given.id);
	if (client === undefined) return { kind: 'refused', reason: 'no client has this client_id' };
	if (client.secret !== undefined && client.secret !== given.secret)
		return { kind: 'refused', reason: 'the client secret is wrong or missing' };
	return { kind: 'authenticated', client };
}

function formCredentials(form: URLSearchParams) {
	return { id: form.get('client_id'), secret: form.get('client_secret') };
}

/** Both parts are encoded as in a form before they are joined. */
function basicCredentials(base64: string) {
	const [id = '', secret = ''] = Buffer.from(base64, 'base64').toString().split(/:(.*)/s);
	const decoded = new URLSearchParams(`id=${id}&secret=${secret}`);
	return { id: decoded.get('id'), secret: decoded.get('secret') };
}
