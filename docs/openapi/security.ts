import { formerCookieNames } from '../../functions/session-server/deployment/browser-settings.ts';
import type { OperationContract } from './operations.ts';

const [cookieName] = formerCookieNames;

export const securitySchemes = {
	idToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'An ID token of a configured issuer.' },
	sessionToken: { type: 'http', scheme: 'bearer', description: 'The token of a session.' },
	sessionCookie: {
		type: 'apiKey',
		in: 'cookie',
		name: cookieName,
		description: 'The token of a session. The API can be configured to use another name.',
	},
} as const;

const session = [{ sessionToken: [] }, { sessionCookie: [] }] as const;

/** One of these is enough. */
export function securityOf({ needs, takesSession }: OperationContract): readonly object[] {
	if (needs === 'ID token') return [{ idToken: [] }];
	if (needs === 'session') return session;
	return takesSession ? [{}, ...session] : [];
}
