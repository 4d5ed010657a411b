import type { ApiRequest } from '../exchange.ts';
import type { Outcome } from '../outcome.ts';

/** Whether a person sees the answer, and not a program. */
function isForPerson({ headers }: Pick<ApiRequest, 'headers'>): boolean {
	return /(^|[,\s])text\/html\b/i.test(headers['accept'] ?? '');
}

/** The page has a link. It loads and sends nothing. */
export const pagePolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Shows a problem as a page, if a browser asked for one. The page has the texts of the problem,
 * none of which comes from the request. It loads nothing and runs nothing.
 *
 * @param heading what did not happen
 * @param again a relative link to try once more
 */
export function asPage(
	request: Pick<ApiRequest, 'headers'>,
	outcome: Outcome,
	heading: string,
	again?: string,
): Outcome {
	const { response } = outcome;
	if (response.status < 400 || !isForPerson(request)) return outcome;
	const problem = JSON.parse(response.body ?? '{}') as Readonly<Record<string, unknown>>;
	const details = [problem['detail'], problem['field'], problem['expected']].filter((text) => text !== undefined);
	const body = [
		'<!doctype html>',
		'<html lang="en">',
		`<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(heading)}</title>`,
		`<h1>${escaped(heading)}</h1>`,
		`<p>${escaped(forPeople(String(problem['title'])))}</p>`,
		...(details.length > 0 ? [`<p>${escaped(details.join(': '))}</p>`] : []),
		again === undefined
			? '<p>Go back to the application and try again.</p>'
			: `<p><a href="${escaped(again)}">Log in again</a></p>`,
		`<p><code>${escaped(problem['code'])}</code></p>`,
		'',
	].join('\n');
	return {
		...outcome,
		response: {
			...response,
			headers: {
				...response.headers,
				'content-type': 'text/html; charset=utf-8',
				'content-security-policy': pagePolicy,
			},
			body,
		},
	};
}

/** The page has no fields to see: their texts follow. */
function forPeople(title: string): string {
	return title.replace(/ See `[^.]*\./, '');
}

function escaped(text: unknown): string {
	return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
