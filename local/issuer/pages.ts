import type { AuthorizationRequest } from './authorization-request.ts';
import { type Html, html, page } from './html.ts';
import { type IssuerSession, users } from './users.ts';

/** Asks who logs in, and how. The form goes to the address of the page. */
export function loginPage({ client, loginHint, wantsSecondFactor }: AuthorizationRequest, problem?: string): string {
	const known = users.some(({ subject }) => subject === loginHint);
	const chosen = known ? loginHint : loginHint === undefined && problem === undefined ? users[0]?.subject : 'other';
	const choices = users.map(
		({ subject, name, scope }) =>
			html`<label>${radio('user', subject, subject === chosen)} <span>${name} <span class="note">(${subject}: ${scope})</span></span></label>`,
	);
	const typed = known ? '' : (loginHint ?? '');
	return page(
		`Log in to ${client.id}`,
		html`${problem === undefined ? nothing : html`<p class="problem" role="alert">${problem}</p>`}
<form method="post">
<fieldset><legend>Who are you?</legend>
${choices}
<label>${radio('user', 'other', chosen === 'other')} <span id="other">Somebody else:</span> <input type="text" name="name" value="${typed}" maxlength="255" autocomplete="off" autocapitalize="none" spellcheck="false" aria-labelledby="other"></label>
</fieldset>
<fieldset><legend>How do you prove it?</legend>
<label>${radio('factors', '1', !wantsSecondFactor)} One factor: a password</label>
<label>${radio('factors', '2', wantsSecondFactor)} Two factors: a password and a one-time code</label>
</fieldset>
${buttons([
	['log-in', 'Log in'],
	['cancel', 'Cancel'],
])}
</form>`,
	);
}

/** Asks a user who is logged in for the second factor. */
export function secondFactorPage({ client }: AuthorizationRequest, { subject }: IssuerSession): string {
	return page(
		'Confirm that it is you',
		html`<p>You are logged in as <strong>${subject}</strong>. For this, ${client.id} asks for a second factor.</p>
<form method="post">
${buttons([
	['confirm', 'Confirm with a one-time code'],
	['switch-user', 'I am somebody else'],
	['cancel', 'Cancel'],
])}
</form>`,
	);
}

/** Asks before it logs out, because any page could have sent the browser here. */
export function logoutPage({ subject }: IssuerSession): string {
	return page(
		'Log out?',
		html`<p>You are logged in as <strong>${subject}</strong>.</p>
<form method="post">${buttons([['log-out', 'Log out']])}</form>`,
	);
}

export function loggedOutPage(): string {
	return page('You are logged out', html`<p>You can close this page.</p>`);
}

/** For a request that cannot be answered with a redirect. */
export function problemPage(problem: string): string {
	return page(
		'This link does not work',
		html`<p class="problem" role="alert">${problem}</p>
<p>Go back to the application and try again. If that does not help, its settings do not fit this issuer’s.</p>`,
	);
}

const nothing = html``;

function radio(name: string, value: string, checked: boolean): Html {
	return checked
		? html`<input type="radio" name="${name}" value="${value}" checked>`
		: html`<input type="radio" name="${name}" value="${value}">`;
}

function buttons(steps: readonly (readonly [string, string])[]): Html {
	const each = steps.map(([step, label], index) =>
		index === 0
			? html`<button class="first" name="step" value="${step}">${label}</button>`
			: html`<button name="step" value="${step}">${label}</button>`,
	);
	return html`<div class="buttons">${each}</div>`;
}
