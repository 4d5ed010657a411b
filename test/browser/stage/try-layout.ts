import type { BrowserContext } from 'playwright-core';
import type { Layout } from '../layouts.ts';
import { cookiesOfOwnHost, followLink, logIn, logInAtApi, request, sendForm } from './page-actions.ts';
import type { Recorder } from './recorder.ts';
import { blankPath } from './tls-front.ts';

/** The things that a page could do, and whether its own host got the cookie. */
export interface Tried extends Layout {
	readonly ownHost: boolean;
}

/**
 * Does everything that a page on `host` might do with a session. The user logs in on the page, or
 * at the API if that has no effect.
 */
export async function tryLayout(
	context: BrowserContext,
	{ changes }: Recorder,
	host: string,
	mint: () => Promise<string>,
): Promise<Tried> {
	await context.clearCookies();
	const page = await context.newPage();
	await page.goto(`https://${host}${blankPath}`);
	const reads = async () => (await request(page, '/v1/session')) === 200;
	/** Whether a change arrives at the service. */
	const arrives = async (name: string, send: (path: string) => Promise<unknown>) => {
		const path = `/${name}`;
		await send(`/services/recorder${path}`);
		return changes.delete(path);
	};
	try {
		await logIn(page, await mint());
		const logsIn = await reads();
		if (!logsIn) {
			await context.clearCookies();
			await logInAtApi(page, await mint());
		}
		const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' };
		const canRead = await reads();
		const ownHost = /session/.test(await cookiesOfOwnHost(page));
		// With a preflight, and without one: the body of the latter is plain text.
		const changed = await arrives('put', (path) => request(page, path, put));
		const posted = await arrives('post', (path) => request(page, path, { method: 'POST', body: 'text' }));
		if (changed !== posted) throw new Error(`PUT arrived: ${changed}, POST arrived: ${posted}`);
		const sent = await arrives('form', (path) => sendForm(page, path));
		await page.goto(`https://${host}${blankPath}`);
		const linked = (await followLink(page, '/v1/session')) === 200;
		return {
			'login by fetch': cell(logsIn),
			'read by fetch': cell(canRead),
			'change by fetch': cell(changed),
			form: cell(sent),
			link: cell(linked),
			ownHost,
		};
	} finally {
		await page.close();
	}
}

function cell(worked: boolean): 'allowed' | 'refused' {
	return worked ? 'allowed' : 'refused';
}
