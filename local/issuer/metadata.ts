import { signingAlgorithm } from './id-tokens.ts';

/** The issuer's description of itself (OpenID Connect Discovery 1.0, section 3). */
export function metadata(issuer: string) {
	const authentication = ['client_secret_basic', 'client_secret_post', 'none'];
	return {
		issuer,
		jwks_uri: `${issuer}/jwks.json`,
		authorization_endpoint: `${issuer}/authorize`,
		token_endpoint: `${issuer}/token`,
		pushed_authorization_request_endpoint: `${issuer}/par`,
		end_session_endpoint: `${issuer}/end_session`,
		response_types_supported: ['code'],
		response_modes_supported: ['query'],
		grant_types_supported: ['authorization_code'],
		code_challenge_methods_supported: ['S256'],
		token_endpoint_auth_methods_supported: authentication,
		scopes_supported: ['openid'],
		acr_values_supported: ['aal1', 'aal2'],
		prompt_values_supported: ['none', 'login', 'select_account'],
		claims_supported: ['sub', 'auth_time', 'acr', 'amr', 'scope', 'nonce', 'sid'],
		claims_parameter_supported: false,
		request_parameter_supported: false,
		request_uri_parameter_supported: false,
		authorization_response_iss_parameter_supported: true,
		subject_types_supported: ['public'],
		id_token_signing_alg_values_supported: [signingAlgorithm],
	};
}
