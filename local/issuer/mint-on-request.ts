import * as v from 'valibot';
import { type Answer, json, oauthError } from './answer.ts';
import { claimsSchema } from './claims.ts';
import type { IssuerContext, IssuerRequest } from './context.ts';

/** `POST /id-tokens`: signs the claims in the body, for tests without a browser. */
export async function mintOnRequest(
	{ issuer, clients, idTokens }: IssuerContext,
	request: IssuerRequest,
): Promise<Answer> {
	const claims = v.safeParse(v.pipe(v.string(), v.parseJson(), claimsSchema), request.body);
	if (!claims.success) {
		const [issue] = claims.issues;
		return oauthError(400, 'invalid_request', `${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
	}
	return json(200, { idToken: await idTokens.mint(issuer, String(clients[0]?.id), claims.output) });
}
