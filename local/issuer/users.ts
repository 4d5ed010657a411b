/** The users that the login page offers. Any other name logs in without scopes. */
export const users: readonly { readonly subject: string; readonly name: string; readonly scope: string }[] = [
	{ subject: 'ada', name: 'Ada Lovelace', scope: 'billing:read' },
	{ subject: 'grace', name: 'Grace Hopper', scope: 'billing:read admin' },
];

/** A session at the issuer: who logged in, and how. */
export interface IssuerSession {
	readonly subject: string;
	/** 2 stands for a password and a one-time code. */
	readonly factors: 1 | 2;
	readonly authenticatedAtMs: number;
}

export function scopeOf(subject: string): string | undefined {
	return users.find((user) => user.subject === subject)?.scope;
}
