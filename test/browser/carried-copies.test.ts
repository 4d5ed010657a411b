import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Evidence } from '../../functions/session-server/finding/evidence.ts';
import type { Region } from '../../local/region.ts';
import { api } from './stage/page-actions.ts';
import { openStage, type Stage } from './stage/stage.ts';
import { blankPath } from './stage/tls-front.ts';

const host = new URL(api).host;
const owner = 'session-server-1';
const names = ['__Host-Http-session', '__Host-Http-session-copy'];

let stage: Stage;
let region: Region;
beforeAll(async () => {
	stage = await openStage([host]);
	region = await stage.startRegion(host, { instances: 2 });
});
afterAll(() => stage.close());

test('a browser carries a copy of its session, and is let in after the instance that knew it was killed', async () => {
	const browser = await stage.openBrowser();
	const page = await browser.newPage();
	await page.goto(api + blankPath);
	const ask = (method: string, path: string, headers: Record<string, string> = {}) =>
		page.evaluate(
			async ([url, init]) => {
				const answer = await fetch(url, init);
				return { status: answer.status, evidence: answer.headers.get('x-session-evidence') };
			},
			[path, { method, headers: { 'x-requested-with': 'page', ...headers } }] as const,
		);
	const cookies = async () => (await browser.cookies()).filter(({ name }) => names.includes(name));

	// An environment of the bus publishes its key with its first messages.
	const logIn = async () => {
		const authorization = `Bearer ${await region.mint({ subject: 'ada' })}`;
		const { status } = await ask('POST', '/v1/sessions', { authorization, 'x-local-target': owner });
		return [status, (await cookies()).length];
	};
	await expect.poll(logIn, { timeout: 15_000 }).toEqual([201, 2]);
	const attributes = { httpOnly: true, secure: true, path: '/', sameSite: 'Lax', domain: host, expires: -1 };
	for (const name of names) expect(await cookies()).toContainEqual(expect.objectContaining({ name, ...attributes }));
	expect(await page.evaluate('document.cookie')).toBe('');

	await fetch(`${region.control}/instances/${owner}/kill`, { method: 'POST', body: '{}' });
	const decided = await ask('GET', '/v1/authorize?service=profile');
	expect(decided.status).toBe(204);
	expect((JSON.parse(decided.evidence ?? '') as Evidence).source).toBe('carried');

	expect((await ask('DELETE', '/v1/session')).status).toBe(204);
	expect(await cookies()).toEqual([]);
});
