import { expect, test } from 'vitest';
import { startDemoApp } from '../../../local/demo-app.ts';
import { obedientRegion } from '../fixtures/local-functions.ts';

async function regionWithPages() {
	const app = await startDemoApp();
	await app.close();
	const { url } = await obedientRegion({ instances: 1, busInstancesAtStart: 0, pages: app.pages });
	return (path: string, method = 'GET') => fetch(url + path, { method, redirect: 'manual' });
}

test('a folder of files has the origin of the API, and a policy that allows its own files only', async () => {
	const get = await regionWithPages();
	for (const path of ['/app/', '/app/index.html', '/app/?x=1']) {
		const page = await get(path);
		expect([path, page.status, page.headers.get('content-type')]).toEqual([path, 200, 'text/html; charset=utf-8']);
		expect(page.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
		expect(await page.text()).toContain('<h1>Notes</h1>');
	}
	expect((await get('/app/notes.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
	const head = await get('/app/notes.css', 'HEAD');
	expect([head.status, await head.text()]).toEqual([200, '']);
});

test('the address without the slash leads to the page', async () => {
	const get = await regionWithPages();
	const { status, headers } = await get('/app?x=1');
	expect([status, headers.get('location')]).toEqual([308, '/app/?x=1']);
});

test.each([
	['GET', '/app/missing.html', 404],
	['GET', '/app/../api.ts', 200], // The client makes it /api.ts, which is for the function.
	['GET', '/app/%2e%2e/api.ts', 200],
	['GET', '/app/..%2fapi.ts', 404],
	['GET', '/app/README.md', 404],
	['POST', '/app/', 405],
	['GET', '/apps', 200],
])('%s %s is answered %i', async (method, path, status) => {
	const get = await regionWithPages();
	expect((await get(path, method)).status).toBe(status);
});

test('the HTML of the page has no script and no style in it, and nothing knows of OAuth', async () => {
	const get = await regionWithPages();
	const html = await (await get('/app/')).text();
	expect(html).not.toMatch(/<style| style=| on[a-z]+=|<script(?![^>]* src=)/);
	const all = html + (await (await get('/app/notes.js')).text());
	expect(all).not.toMatch(/oauth|oidc|openid|access_token|id_token|code_challenge|nonce|client_id|localStorage/i);
});
