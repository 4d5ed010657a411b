import type { AuthorizationRequest } from './authorization-request.ts';
import type { IssuerSession } from './users.ts';

/** The answer to an authorization request, or the page that must come before it. */
export type LoginDecision =
	| { readonly kind: 'logged-in'; readonly session: IssuerSession }
	| { readonly kind: 'ask-for-user' }
	| { readonly kind: 'ask-for-second-factor'; readonly session: IssuerSession }
	| { readonly kind: 'refused'; readonly error: string; readonly description: string };

export function decideLogin(
	{ prompt, maxAgeSeconds, wantsSecondFactor }: AuthorizationRequest,
	session: IssuerSession | undefined,
	nowMs: number,
): LoginDecision {
	const isOld =
		session !== undefined && maxAgeSeconds !== undefined && nowMs - session.authenticatedAtMs >= maxAgeSeconds * 1_000;
	if (session === undefined || isOld || prompt === 'ask')
		return prompt === 'none' ? refused('login_required', 'the user must log in') : { kind: 'ask-for-user' };
	if (!wantsSecondFactor || session.factors === 2) return { kind: 'logged-in', session };
	return prompt === 'none'
		? refused('unmet_authentication_requirements', 'the user must confirm with a second factor')
		: { kind: 'ask-for-second-factor', session };
}

function refused(error: string, description: string): LoginDecision {
	return { kind: 'refused', error, description };
}

/** The button of the login page that the user pressed. */
export type LoginStep =
	| { readonly kind: 'log-in'; readonly subject: string; readonly factors: 1 | 2 }
	| { readonly kind: 'confirm' }
	| { readonly kind: 'switch-user' }
	| { readonly kind: 'cancel' }
	| { readonly kind: 'wrong'; readonly problem: string };

/** Reads the form of the login page. */
export function readLoginStep(form: URLSearchParams): LoginStep {
	switch (form.get('step')) {
		case 'log-in': {
			const chosen = form.get('user') ?? '';
			const subject = chosen === 'other' ? (form.get('name') ?? '').trim() : chosen;
			if (!/^[\x21-\x7e]{1,255}$/.test(subject))
				return { kind: 'wrong', problem: 'Type a name of 1 to 255 ASCII characters without spaces.' };
			return { kind: 'log-in', subject, factors: form.get('factors') === '2' ? 2 : 1 };
		}
		case 'confirm':
			return { kind: 'confirm' };
		case 'switch-user':
			return { kind: 'switch-user' };
		case 'cancel':
			return { kind: 'cancel' };
		default:
			return { kind: 'wrong', problem: 'Choose one of the buttons.' };
	}
}
