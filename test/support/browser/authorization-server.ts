import { hash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { listen } from '../../../local/system/listen.ts';
import { readBody } from '../../../local/system/request-body.ts';

/** How the server behaves. Tests change it at any time. */
export interface Behaviour {
	/** Every endpoint answers with this status. */
	down?: number;
	/** These paths never answer. */
	hanging: readonly string[];
	/** The error with which the user comes back. */
	refusal?: string;
	/** The `iss` parameter of the answer. `none` leaves it out. */
	iss?: string;
	/** Claims of the ID token, over the usual ones. `undefined` leaves one out. */
	claims: Readonly<Record<string, unknown>>;
	/** The status and the body of the token endpoint. */
	tokenAnswer?: { readonly status: number; readonly body: string; readonly contentType?: string };
	/** The client secret. Without it, the client is public. */
	secret?: string;
	subject: string;
}

interface Features {
	readonly pushes?: boolean;
	readonly endsSessions?: boolean;
	readonly authMethods?: readonly string[];
	readonly metadata?: Readonly<Record<string, unknown>>;
}

/**
 * An OpenID Provider whose user is logged in at once. It checks what a strict one checks: client,
 * redirect URI, PKCE, and that a code is used once.
 */
export async function startAuthorizationServer({ pushes, endsSessions, authMethods, metadata }: Features = {}) {
	const clientId = 'leasehold-test';
	const { privateKey, publicKey } = await generateKeyPair('ES256');
	const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'k', use: 'sig' };
	const behaviour: Behaviour = { hanging: [], claims: {}, subject: 'ada' };
	const requests: { readonly path: string; readonly parameters: URLSearchParams }[] = [];
	const codes = new Map<string, URLSearchParams>();
	const pushed = new Map<string, URLSearchParams>();
	let issuer = '';

	const server = createServer(async (request, response) => {
		const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
		const read = await readBody(request, 100_000);
		const form = new URLSearchParams(read.kind === 'read' ? read.body.toString() : '');
		requests.push({ path: pathname, parameters: request.method === 'POST' ? form : searchParams });
		if (behaviour.hanging.includes(pathname)) return;
		const json = (status: number, body: object) =>
			response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
		if (behaviour.down !== undefined) return response.writeHead(behaviour.down).end();
		switch (pathname) {
			case '/.well-known/openid-configuration':
				return json(200, {
					issuer,
					authorization_endpoint: `${issuer}/authorize`,
					token_endpoint: `${issuer}/token`,
					id_token_signing_alg_values_supported: ['ES256'],
					jwks_uri: `${issuer}/jwks.json`,
					authorization_response_iss_parameter_supported: true,
					...(pushes ? { pushed_authorization_request_endpoint: `${issuer}/par` } : {}),
					...(endsSessions ? { end_session_endpoint: `${issuer}/end` } : {}),
					...(authMethods ? { token_endpoint_auth_methods_supported: authMethods } : {}),
					...metadata,
				});
			case '/jwks.json':
				return json(200, { keys: [jwk] });
			case '/par': {
				if (!isClient(request, form)) return json(401, { error: 'invalid_client' });
				const uri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
				pushed.set(uri, form);
				return json(201, { request_uri: uri, expires_in: 60 });
			}
			case '/authorize': {
				const asked = pushed.get(searchParams.get('request_uri') ?? '') ?? searchParams;
				const back = new URL(asked.get('redirect_uri') ?? '');
				back.searchParams.set('state', asked.get('state') ?? '');
				const { iss = issuer, refusal } = behaviour;
				if (iss !== 'none') back.searchParams.set('iss', iss);
				if (refusal === undefined) {
					const code = randomUUID();
					codes.set(code, asked);
					back.searchParams.set('code', code);
				} else back.searchParams.set('error', refusal);
				return response.writeHead(302, { location: back.href }).end();
			}
			case '/token': {
				const { tokenAnswer } = behaviour;
				if (tokenAnswer !== undefined)
					return response
						.writeHead(tokenAnswer.status, { 'content-type': tokenAnswer.contentType ?? 'application/json' })
						.end(tokenAnswer.body);
				if (!isClient(request, form)) return json(401, { error: 'invalid_client' });
				const code = form.get('code') ?? '';
				const asked = codes.get(code);
				codes.delete(code);
				const challenge = hash('sha256', form.get('code_verifier') ?? '', 'base64url');
				const fits =
					asked?.get('code_challenge') === challenge &&
					asked.get('code_challenge_method') === 'S256' &&
					asked.get('redirect_uri') === form.get('redirect_uri');
				if (!fits) return json(400, { error: 'invalid_grant' });
				return json(200, {
					access_token: randomUUID(),
					token_type: 'Bearer',
					expires_in: 60,
					id_token: await idToken(asked.get('nonce') ?? ''),
				});
			}
			default:
				return json(404, { error: 'not_found' });
		}
	});

	function isClient(request: IncomingMessage, form: URLSearchParams): boolean {
		const basic = Buffer.from(request.headers.authorization?.slice('Basic '.length) ?? '', 'base64').toString();
		const [id, secret] = basic === '' ? [form.get('client_id'), form.get('client_secret')] : basic.split(':');
		return decodeURIComponent(id ?? '') === clientId && (secret ?? undefined) === behaviour.secret;
	}

	async function idToken(nonce: string): Promise<string> {
		const now = Math.floor(Date.now() / 1_000);
		return new SignJWT({
			iss: issuer,
			aud: clientId,
			sub: behaviour.subject,
			iat: now,
			exp: now + 300,
			auth_time: now,
			jti: randomUUID(),
			nonce,
			...behaviour.claims,
		})
			.setProtectedHeader({ alg: 'ES256', kid: 'k', typ: 'JWT' })
			.sign(privateKey);
	}

	const { url, close } = await listen(server);
	issuer = url;
	return {
		url,
		clientId,
		behaviour,
		requests,
		close: async () => {
			server.closeAllConnections();
			await close();
		},
	};
}

export type AuthorizationServer = Awaited<ReturnType<typeof startAuthorizationServer>>;
