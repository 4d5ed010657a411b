import type { SessionId } from '../../session/session.ts';
import type { OperationContext } from './context.ts';
import type { Identity, LoggedIn, Login } from './login.ts';
import type { Logout } from './logout.ts';

/** The session that a login came with. */
export interface Replaced {
	/** Absent if the session could not be found. */
	readonly handle?: SessionId;
	/** If not, nobody knows whether the session has ended. */
	readonly ended: boolean;
}

export type LoggedInAgain =
	| (Extract<LoggedIn, { kind: 'established' }> & { readonly replaced?: Replaced })
	| Exclude<LoggedIn, { kind: 'established' }>;

/**
 * Establishes a session, and then ends the one that `formerToken` names, if that is live and of the
 * same subject (OWASP ASVS 5.0, 7.2.4). If no session is established, the former one stays.
 */
export type LoginAgain = (identity: Identity, formerToken?: string) => Promise<LoggedInAgain>;

export function createLoginAgain(
	{ findLive }: Pick<OperationContext, 'findLive'>,
	login: Login,
	logout: Logout,
): LoginAgain {
	return async (identity, formerToken) => {
		if (formerToken === undefined) return login(identity);
		const [loggedIn, former] = await Promise.all([login(identity), findLive(formerToken, 'bounded')]);
		if (loggedIn.kind !== 'established' || former.kind === 'refused') return loggedIn;
		if (former.kind !== 'found') return { ...loggedIn, replaced: { ended: false } };
		if (former.session.subject !== identity.subject) return loggedIn;
		const ended = await logout(formerToken);
		return {
			...loggedIn,
			replaced: { handle: former.session.id, ended: ended.kind !== 'unavailable' && ended.kind !== 'limited' },
		};
	};
}
