import type { AttributeValue, Session, SessionId } from '../../session/session.ts';
import type { OperationContext } from './context.ts';
import type { Identity, LoggedIn, Login } from './login.ts';
import type { Logout } from './logout.ts';
import type { Update } from './update.ts';

/** The session that a login came with. */
export interface Replaced {
	/** Absent if the session could not be found. */
	readonly handle?: SessionId;
	/** If not, nobody knows whether the session has ended. */
	readonly ended: boolean;
	/** Present if the new session may lack the attributes of this one. */
	readonly attributesLost?: true;
}

type Established = Extract<LoggedIn, { kind: 'established' }>;

export type LoggedInAgain =
	| (Established & { readonly replaced?: Replaced })
	| Exclude<LoggedIn, { kind: 'established' }>;

/**
 * Establishes a session, gives it the attributes of the one that `formerToken` names, and ends that
 * one, if it is live and of the same subject (OWASP ASVS 5.0, 7.2.4). If no session is established,
 * the former one stays. If the process dies before the former one has ended, both live.
 */
export type LoginAgain = (identity: Identity, formerToken?: string) => Promise<LoggedInAgain>;

export function createLoginAgain(
	{ findLive }: Pick<OperationContext, 'findLive'>,
	login: Login,
	update: Update,
	logout: Logout,
): LoginAgain {
	/**
	 * Finds the former session with every change that was acknowledged. If that cannot be done, an
	 * older copy is still enough to end the session.
	 */
	async function findFormer(token: string): Promise<Awaited<ReturnType<typeof findLive>> & { isOld?: true }> {
		const found = await findLive(token, 'strict');
		return found.kind === 'unavailable' ? { ...(await findLive(token, 'bounded')), isOld: true } : found;
	}

	/** A change of the former session that arrives during this is lost with it. */
	async function keepAttributes(loggedIn: Established, former: Session): Promise<Established | 'lost'> {
		const attributes = valuesOf(former);
		if (Object.keys(attributes).length === 0) return loggedIn;
		const updated = await update(loggedIn.token, attributes);
		if (updated.kind !== 'updated') return 'lost';
		const { session, carried } = updated;
		return { ...loggedIn, session, ...(carried !== undefined && { carried }) };
	}

	return async (identity, formerToken) => {
		if (formerToken === undefined) return login(identity);
		const [loggedIn, former] = await Promise.all([login(identity), findFormer(formerToken)]);
		if (loggedIn.kind !== 'established' || former.kind === 'refused') return loggedIn;
		if (former.kind !== 'found') return { ...loggedIn, replaced: { ended: false } };
		if (former.session.subject !== identity.subject) return loggedIn;
		const kept = await keepAttributes(loggedIn, former.session);
		const mayLack = kept === 'lost' || former.isOld === true;
		const ended = await logout(formerToken);
		return {
			...(kept === 'lost' ? loggedIn : kept),
			replaced: {
				handle: former.session.id,
				ended: ended.kind !== 'unavailable' && ended.kind !== 'limited',
				...(mayLack ? { attributesLost: true } : {}),
			},
		};
	};
}

function valuesOf({ attributes }: Session): Readonly<Record<string, AttributeValue>> {
	return Object.fromEntries(
		Object.entries(attributes).flatMap(([name, attribute]) => ('value' in attribute ? [[name, attribute.value]] : [])),
	);
}
