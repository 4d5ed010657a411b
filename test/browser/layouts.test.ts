import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Region } from '../../local/region.ts';
import { cookieSettings, documentedLayouts, listedOrigins, pages } from './layouts.ts';
import { type Recorder, startRecorder } from './stage/recorder.ts';
import { openStage, type Stage } from './stage/stage.ts';
import { tryLayout } from './stage/try-layout.ts';

const documented = documentedLayouts();
let stage: Stage;
let recorder: Recorder;
let sending: BrowserContext;
let blocking: BrowserContext;

beforeAll(async () => {
	recorder = await startRecorder();
	stage = await openStage(Object.values(pages));
	sending = await stage.openBrowser('all');
	blocking = await stage.openBrowser('first-party');
});

afterAll(async () => {
	await stage.close();
	await recorder.close();
});

test('the document has a row for each page and each setting', () => {
	const expected = Object.keys(pages).flatMap((page) => Object.keys(cookieSettings).map((cookie) => [page, cookie]));
	expect(documented.map(([page, cookie]) => [page, cookie]).toSorted()).toEqual(expected.toSorted());
});

describe.each(Object.entries(cookieSettings))('with the setting "%s"', (setting, cookie) => {
	let region: Region;
	const mint = () => region.mint({ subject: 'ada' });

	beforeAll(async () => {
		region = await stage.startRegion('api.leasehold.test', {
			services: [{ name: 'recorder', url: recorder.url }],
			sessionServerVariables: {
				LEASEHOLD_ORIGINS: JSON.stringify(listedOrigins),
				LEASEHOLD_COOKIE: JSON.stringify(cookie),
			},
		});
	});

	test.each(documented.filter(([, documentedSetting]) => documentedSetting === setting))(
		'a page of "%s" can do what the document says',
		async (page, _, layout) => {
			const host = pages[page as keyof typeof pages];
			const { ownHost, ...tried } = await tryLayout(sending, recorder, host, mint);
			expect(tried).toEqual(layout);
			const isBelowDomain = setting === 'domain' && host.endsWith('.leasehold.test');
			expect(ownHost).toBe(page === 'same origin' || isBelowDomain);
		},
	);

	if ('sameSite' in cookie && cookie.sameSite === 'none')
		test('a browser that blocks third-party cookies still sends partitioned ones', async () => {
			const tried = await tryLayout(blocking, recorder, pages['other site, listed'], mint);
			const expected = setting === 'partitioned' ? 'allowed' : 'refused';
			expect(tried).toMatchObject({
				'login by fetch': expected,
				'read by fetch': expected,
				'change by fetch': expected,
			});
		});
});
