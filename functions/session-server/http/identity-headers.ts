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
 * Whether a header's name could be taken for one of these. Whatever is no letter and no digit counts as a hyphen: CGI, WSGI
 * and their like give underscores to a program under the same name, PHP points too, and some all of them.
 */
export function isIdentityHeader(name: string): boolean {
	return /^x[\W_]session([\W_]|$)/i.test(name);
}
