import type { Session } from '../../session/session.ts';

/** Who a request comes from, as headers. Subject and scopes are percent-encoded: scopes may have any visible character. */
export function identityHeaders(session: Session): Readonly<Record<string, string>> {
	return {
		'x-session-subject': encodeURIComponent(session.subject),
		'x-session-handle': session.id,
		'x-session-assurance': String(session.credential.assuranceLevel),
		'x-session-scopes': session.credential.scopes.map(encodeURIComponent).join(' '),
	};
}

/**
 * Whether a header's name could be taken for one of these. Underscores count as hyphens, since CGI, WSGI and their like give
 * both to a program under one name.
 */
export function isIdentityHeader(name: string): boolean {
	return /^x[-_]session([-_]|$)/i.test(name);
}
