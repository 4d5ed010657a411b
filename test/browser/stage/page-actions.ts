import type { Page } from 'playwright-core';
import { blankPath, cookiesPath } from './tls-front.ts';

export const api = 'https://api.leasehold.test';

/**
 * Sends a request as a script of the page does, with credentials.
 *
 * @returns 0 if the browser refuses
 */
export function request(page: Page, path: string, options: Readonly<Record<string, unknown>> = {}): Promise<number> {
	return page.evaluate(
		([url, init]) =>
			fetch(url, init).then(
				({ status }) => status,
				() => 0,
			),
		[api + path, { credentials: 'include' as const, ...options }] as const,
	);
}

export function logIn(page: Page, idToken: string): Promise<number> {
	return request(page, '/v1/sessions', { method: 'POST', headers: { authorization: `Bearer ${idToken}` } });
}

/** Logs in on a page of the API's host, and comes back. */
export async function logInAtApi(page: Page, idToken: string): Promise<void> {
	const before = page.url();
	await page.goto(api + blankPath);
	if ((await logIn(page, idToken)) !== 201) throw new Error('the login at the API failed');
	await page.goto(before);
}

/** Follows a link on the page. @returns the status of the answer */
export async function followLink(page: Page, path: string): Promise<number> {
	return await statusAfter(
		page,
		path,
		`const a = document.createElement('a'); a.href = ${JSON.stringify(api + path)};
		document.body.append(a); a.click();`,
	);
}

/** Sends a form of the page. @returns the status of the answer */
export async function sendForm(page: Page, path: string): Promise<number> {
	return await statusAfter(
		page,
		path,
		`const form = document.createElement('form'); form.method = 'post';
		form.action = ${JSON.stringify(api + path)}; document.body.append(form); form.submit();`,
	);
}

async function statusAfter(page: Page, path: string, script: string): Promise<number> {
	const answered = page.waitForResponse((response) => response.url() === api + path);
	const loaded = page.waitForURL(api + path);
	await page.evaluate(`{ ${script} }`);
	await loaded;
	return (await answered).status();
}

/** The names of the cookies that the page's own host gets. */
export async function cookiesOfOwnHost(page: Page): Promise<string> {
	return await page.evaluate((path) => fetch(path).then((response) => response.text()), cookiesPath);
}
