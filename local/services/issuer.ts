import { randomUUID } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as v from 'valibot';
import { type Listener, listen } from '../system/listen.ts';
import { forOwnMachine } from '../system/own-machine.ts';
import { readBody } from '../system/request-body.ts';

/** The claims of an ID token. Times are in seconds, as in OpenID Connect. */
export const claimsSchema = v.strictObject({
	subject: v.pipe(v.string(), v.minLength(1)),
	/** Scopes, separated by spaces. */
	scope: v.optional(v.string()),
	/** Authentication context class: the assurance level of the login. */
	acr: v.optional(v.string()),
	/** Authentication methods. */
	amr: v.optional(v.array(v.string())),
	/** When the subject last proved their identity. @default now */
	authTime: v.optional(v.pipe(v.number(), v.integer())),
	audience: v.optional(v.string()),
	/** May be negative, for a token that has already expired. @default 3600 */
	expiresInSeconds: v.optional(v.pipe(v.number(), v.integer())),
});

export type Claims = Readonly<v.InferOutput<typeof claimsSchema>>;

/** An OpenID Connect issuer with its own key. It signs any claims that it is asked for. */
export interface LocalIssuer extends Listener {
	readonly audience: string;
	readonly jwksUri: string;
	mint(claims: Claims): Promise<string>;
}

export async function startIssuer(): Promise<LocalIssuer> {
	const audience = 'leasehold-local';
	const alg = 'ES256';
	const { privateKey, publicKey } = await generateKeyPair(alg);
	const kid = 'local';
	const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg, kid, use: 'sig' }] };
	let issuer = '';

	async function mint(claims: Claims): Promise<string> {
		const now = Math.floor(Date.now() / 1000);
		const { subject, scope, acr, amr, authTime = now, expiresInSeconds = 3_600 } = claims;
		return await new SignJWT({ auth_time: authTime, ...defined({ scope, acr, amr }) })
			.setProtectedHeader({ alg, kid, typ: 'JWT' })
			.setIssuer(issuer)
			.setAudience(claims.audience ?? audience)
			.setSubject(subject)
			.setIssuedAt(now)
			// Each token logs in once, so no two of one second may be the same.
			.setJti(randomUUID())
			.setExpirationTime(now + expiresInSeconds)
			.sign(privateKey);
	}

	const server = createServer(async (request, response) => {
		const read = await readBody(request, bodyBytesMax);
		if (read.kind === 'aborted') return;
		switch (`${request.method} ${request.url}`) {
			case 'GET /.well-known/openid-configuration':
				return sendJson(response, 200, {
					issuer,
					jwks_uri: `${issuer}/jwks.json`,
					token_endpoint: `${issuer}/token`,
					response_types_supported: ['id_token'],
					subject_types_supported: ['public'],
					id_token_signing_alg_values_supported: [alg],
				});
			case 'GET /jwks.json':
				return sendJson(response, 200, jwks);
			case 'POST /token': {
				const claims = v.safeParse(
					v.pipe(v.string(), v.parseJson(), claimsSchema),
					read.kind === 'read' ? read.body.toString() : '',
				);
				if (!claims.success) {
					const [issue] = claims.issues;
					const detail = `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`;
					return sendJson(response, 400, { error: 'invalid_request', error_description: detail });
				}
				return sendJson(response, 200, { idToken: await mint(claims.output) });
			}
			default:
				return sendJson(response, 404, { error: 'not_found' });
		}
	});
	const listener = await listen(forOwnMachine(server));
	issuer = listener.url;
	return { ...listener, audience, jwksUri: `${issuer}/jwks.json`, mint };
}

const bodyBytesMax = 64 * 1024;

function sendJson(response: ServerResponse, status: number, body: unknown): void {
	response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function defined<Fields extends object>(fields: Fields): Partial<Fields> {
	return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<Fields>;
}
