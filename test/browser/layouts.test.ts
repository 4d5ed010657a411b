import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Region } from '../../local/region.ts';
import { type Action, actions, cookieSettings, listedOrigins, pages } from './layouts.ts';
import { cookiesOfOwnHost, followLink, logIn, logInAtApi, request, sendForm } from './stage/page-actions.ts';
import { type Recorder, startRecorder } from './stage/recorder.ts';
import { openStage, type Stage } from './stage/stage.ts';
import { blankPath } from './stage/tls-front.ts';

let stage: Stage;
let recorder: Recorder;

beforeAll(async () => {
	recorder = await startRecorder();
	stage = await openStage(Object.values(pages));
});

afterAll(async () => {
	await stage.close();
	await recorder.close();
});

/** What a page on `host` can do with the API. */
async function tryAll(region: Region, host: string): Promise<Record<Action, boolean>> {
	const fresh = async () => {
		const context = await stage.browser.newContext();
		const page = await context.newPage();
		await page.goto(`https://${host}${blankPath}`);
		const idToken = await region.mint({ subject: 'ada' });
		return { page, idToken, close: () => context.close() };
	};

	const first = await fresh();
	await logIn(first.page, first.idToken);
	const logsIn = (await request(first.page, '/v1/session')) === 200;
	await first.close();

	const { page, idToken, close } = await fresh();
	await logInAtApi(page, idToken);
	const reads = (await request(page, '/v1/session')) === 200;
	// The cookie of a login in the page, if it can have one, is the better one for the rest.
	if (logsIn && !reads) await logIn(page, await region.mint({ subject: 'ada' }));
	const ownHost = /session/.test(await cookiesOfOwnHost(page));
	const reaches = async (action: Action, send: (path: string) => Promise<unknown>) => {
		const path = `/${host}/${action}`;
		await send(`/services/recorder${path}`);
		return recorder.changes.delete(path);
	};
	const put = { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{}' };
	const changes = await reaches('change', (path) => request(page, path, put));
	const posts = await reaches('post', (path) => request(page, path, { method: 'POST', body: 'text' }));
	const sendsForms = await reaches('form', (path) => sendForm(page, path));
	await page.goto(`https://${host}${blankPath}`);
	const links = (await followLink(page, '/v1/session')) === 200;
	await close();
	return {
		'log in': logsIn,
		read: reads,
		change: changes,
		post: posts,
		form: sendsForms,
		link: links,
		'own host': ownHost,
	};
}

describe.each(Object.entries(cookieSettings))('%s', (name, cookie) => {
	let region: Region;

	beforeAll(async () => {
		region = await stage.startRegion('api.leasehold.test', {
			services: [{ name: 'recorder', url: recorder.url }],
			sessionServerVariables: {
				LEASEHOLD_ORIGINS: JSON.stringify(listedOrigins),
				LEASEHOLD_COOKIE: JSON.stringify(cookie),
			},
		});
	});

	test.concurrent.each(Object.entries(pages))('a page of %s', async (label, host) => {
		const found = await tryAll(region, host);
		console.log(`| ${name} | ${label} | ${actions.map((action) => (found[action] ? 'yes' : 'no')).join(' | ')} |`);
		expect(found).toBeDefined();
	});
});
