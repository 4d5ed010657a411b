import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type DemoApp, startDemoApp } from '../../local/demo-app.ts';
import { type RegionOptions, startRegion as startPlainRegion } from '../../local/region.ts';
import type { Cookies } from './stage/chromium.ts';
import { clientId, startIndependentIssuer } from './stage/independent-issuer.ts';
import { openStage, type Stage } from './stage/stage.ts';

/* The example application, as a user sees it. Its page has no line of OAuth. */

const host = 'notes.leasehold.test';
const page = `https://${host}/app/`;
const callback = `https://${host}/v1/login/callback`;

let stage: Stage;
let app: DemoApp;

beforeAll(async () => {
	app = await startDemoApp();
	stage = await openStage([host]);
	await mkdir(screenshots, { recursive: true });
	await startRegion();
});

afterAll(async () => {
	await stage.close();
	await app.close();
});

const screenshots = fileURLToPath(new URL('./screenshots', import.meta.url));

/** Takes a picture, for people to look at. */
async function picture(of: Page, name: string): Promise<void> {
	await of.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });
}

function shows(of: Page, text: string): Promise<void> {
	return of.getByText(text).first().waitFor({ timeout: 15_000 });
}

/** A tab in a browser without cookies, and the errors in its pages. */
async function openTab(cookies?: Cookies): Promise<{ tab: Page; browser: BrowserContext; errors: readonly string[] }> {
	const browser = await stage.openBrowser(cookies);
	const tab = await browser.newPage();
	const errors: string[] = [];
	tab.on('pageerror', (error) => errors.push(error.message));
	return { tab, browser, errors };
}

function startRegion(options: Partial<RegionOptions> = {}) {
	return stage.startRegion(host, {
		services: app.services,
		pages: app.pages,
		issuer: { redirectUris: [callback], postLogoutRedirectUris: [page] },
		...options,
	});
}

async function logIn(tab: Page, at = page): Promise<void> {
	await tab.goto(at);
	await tab.getByRole('link', { name: 'Log in' }).click();
	await tab.getByRole('button', { name: 'Log in' }).click();
	await shows(tab, 'local:ada');
}

test('a user logs in, writes, steps up, sees the session in the list, and logs out', async () => {
	const { tab, errors } = await openTab();
	await tab.goto(page);
	await shows(tab, 'Log in to read and write your notes.');
	await picture(tab, '1-welcome');

	await tab.getByRole('link', { name: 'Log in' }).click();
	await shows(tab, 'Who are you?');
	await picture(tab, '2-login');
	await tab.getByRole('button', { name: 'Log in' }).click();

	await shows(tab, 'local:ada');
	expect(tab.url()).toBe(page);
	await tab.getByLabel('New note', { exact: true }).fill('Buy milk');
	await tab.getByRole('button', { name: 'Add' }).first().click();
	await shows(tab, 'Buy milk');
	await shows(tab, 'Private notes ask for a second factor.');
	await picture(tab, '3-logged-in');

	await tab.getByRole('link', { name: 'Unlock with a second factor' }).click();
	await shows(tab, 'Confirm that it is you');
	await picture(tab, '4-second-factor');
	await tab.getByRole('button', { name: 'Confirm with a one-time code' }).click();

	await tab.getByLabel('New private note').fill('The treasure is under the oak');
	await tab.getByRole('button', { name: 'Add' }).nth(1).click();
	await shows(tab, 'The treasure is under the oak');
	expect(await tab.getByText('Private notes ask for a second factor.').isVisible()).toBe(false);
	expect(await tab.locator('#level').textContent()).toBe('2');
	expect(await tab.locator('#sessions tr').allInnerTexts()).toEqual([expect.stringContaining('This session')]);
	await picture(tab, '5-stepped-up');

	await tab.getByRole('button', { name: 'Log out' }).click();
	await shows(tab, 'Log out?');
	await picture(tab, '6-log-out');
	await tab.getByRole('button', { name: 'Log out' }).click();
	await shows(tab, 'Log in to read and write your notes.');
	expect(tab.url()).toBe(page);
	await picture(tab, '7-logged-out');
	expect(errors).toEqual([]);
});

test('a user ends the session of another browser', async () => {
	const first = await openTab();
	await logIn(first.tab);
	const second = await openTab();
	await logIn(second.tab);

	await first.tab.reload();
	await first.tab.getByRole('button', { name: /^End the session since/ }).click();
	await expect.poll(() => first.tab.locator('#sessions tr').count()).toBe(1);
	await second.tab.reload();
	await shows(second.tab, 'Log in to read and write your notes.');
	await first.tab.reload();
	await shows(first.tab, 'local:ada');
});

test('two tabs can log in at once', async () => {
	const { tab, browser } = await openTab();
	const other = await browser.newPage();
	for (const each of [tab, other]) {
		await each.goto(page);
		await each.getByRole('link', { name: 'Log in' }).click();
		await shows(each, 'Who are you?');
	}
	for (const each of [tab, other]) {
		await each.getByRole('button', { name: 'Log in' }).click();
		await shows(each, 'local:ada');
	}
});

test('a user who cancels gets a page that says so, and can try again', async () => {
	const { tab } = await openTab();
	await tab.goto(page);
	await tab.getByRole('link', { name: 'Log in' }).click();
	await tab.getByRole('button', { name: 'Cancel' }).click();
	await shows(tab, 'The issuer did not log the user in.');
	expect(await tab.locator('body').innerText()).not.toContain('`');
	await picture(tab, '8-cancelled');
	await tab.getByRole('link', { name: 'Log in again' }).click();
	await tab.getByRole('button', { name: 'Log in' }).click();
	await shows(tab, 'local:ada');
	expect(tab.url()).toBe(page);
});

test('a callback that another browser began logs nobody in', async () => {
	const attacker = await openTab();
	await attacker.browser.route(`${callback}**`, (route) => route.abort());
	await attacker.tab.goto(page);
	await attacker.tab.getByRole('link', { name: 'Log in' }).click();
	const answered = attacker.tab.waitForRequest((request) => request.url().startsWith(callback));
	await attacker.tab.getByRole('button', { name: 'Log in' }).click();
	const stolen = (await answered).url();

	const { tab } = await openTab();
	await tab.goto(stolen);
	await shows(tab, 'The login was not begun in this browser');
	await picture(tab, '9-forged');
	await tab.goto(page);
	await shows(tab, 'Log in to read and write your notes.');
});

test('a browser that keeps no cookies is told to allow them', async () => {
	const { tab } = await openTab('none');
	await tab.goto(page);
	await tab.getByRole('link', { name: 'Log in' }).click();
	await tab.getByRole('button', { name: 'Log in' }).click();
	await shows(tab, 'Allow cookies and log in again.');
});

test('without TLS, on the address that npm start prints, a login works as well', async () => {
	const { url, stop } = await startPlainRegion({ instances: 1, services: app.services, pages: app.pages });
	onTestFinished(stop);
	const { tab } = await openTab();
	await logIn(tab, `${url}/app/`);
	await tab.getByLabel('New note', { exact: true }).fill('Buy milk');
	await tab.getByRole('button', { name: 'Add' }).first().click();
	await shows(tab, 'Buy milk');
	await tab.getByRole('button', { name: 'Log out' }).click();
	await tab.getByRole('button', { name: 'Log out' }).click();
	await shows(tab, 'Log in to read and write your notes.');
	expect(tab.url()).toBe(`${url}/app/`);
});

test('a login works with an issuer that this project did not write', async () => {
	const issuer = await startIndependentIssuer(callback, page);
	onTestFinished(issuer.close);
	await startRegion({ issuers: [{ name: 'other', issuer: issuer.url, audience: clientId, client: { id: clientId } }] });
	const { tab, errors } = await openTab();
	await tab.goto(page);
	await tab.getByRole('link', { name: 'Log in' }).click();
	await tab.getByPlaceholder('Enter any login').fill('grace');
	await tab.getByPlaceholder('and password').fill('anything');
	await picture(tab, '10-independent-issuer');
	await tab.getByRole('button', { name: 'Sign-in' }).click();
	await tab.getByRole('button', { name: 'Continue' }).click();
	await shows(tab, 'other:grace');
	await shows(tab, 'This session');
	await picture(tab, '11-independent-session');
	expect(tab.url()).toBe(page);

	await tab.getByRole('button', { name: 'Log out' }).click();
	await tab.getByRole('button', { name: 'Yes, sign me out' }).click();
	await shows(tab, 'Log in to read and write your notes.');
	expect(tab.url()).toBe(page);
	expect(errors).toEqual([]);
});
