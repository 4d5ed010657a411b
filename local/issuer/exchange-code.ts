import { hash, randomBytes } from 'node:crypto';
import { type Answer, json, oauthError } from './answer.ts';
import { authenticate } from './clients.ts';
import type { CodeGrant, IssuerContext, IssuerRequest } from './context.ts';
import { scopeOf } from './users.ts';

/** A code is used at once, by a program (RFC 6749 section 4.1.2 allows ten minutes). */
export const codeMs = 60_000;

/** `POST /token`: exchanges a code for an ID token. */
export async function exchangeCode(context: IssuerContext, { form, headers }: IssuerRequest): Promise<Answer> {
	const authenticated = authenticate(context.clients, headers.authorization, form);
	if (authenticated.kind === 'refused') return oauthError(401, 'invalid_client', authenticated.reason);
	if (form.get('grant_type') !== 'authorization_code')
		return oauthError(400, 'unsupported_grant_type', 'grant_type must be authorization_code');
	// The code is gone even if the rest of the request is wrong: somebody may be guessing.
	const grant = context.codes.take(form.get('code') ?? '');
	if (grant === undefined) return oauthError(400, 'invalid_grant', 'the code is unknown, used, or too old');
	if (grant.client !== authenticated.client) return oauthError(400, 'invalid_grant', 'the code is for another client');
	if (grant.redirectUri !== form.get('redirect_uri'))
		return oauthError(400, 'invalid_grant', 'redirect_uri must be that of the authorization request');
	if (grant.codeChallenge !== hash('sha256', form.get('code_verifier') ?? '', 'base64url'))
		return oauthError(400, 'invalid_grant', 'code_verifier does not fit code_challenge (PKCE)');
	return json(200, {
		id_token: await mintFor(context, grant),
		// No API takes it. OAuth demands that there is one.
		access_token: randomBytes(32).toString('base64url'),
		token_type: 'Bearer',
		expires_in: 300,
	});
}

async function mintFor({ issuer, idTokens }: IssuerContext, { client, session, nonce, sid }: CodeGrant) {
	const { subject, factors, authenticatedAtMs } = session;
	const scope = scopeOf(subject);
	return await idTokens.mint(issuer, client.id, {
		subject,
		acr: `aal${factors}`,
		amr: factors === 2 ? ['pwd', 'otp', 'mfa'] : ['pwd'],
		authTime: Math.floor(authenticatedAtMs / 1_000),
		sid,
		...(scope === undefined ? {} : { scope }),
		...(nonce === undefined ? {} : { nonce }),
	});
}
