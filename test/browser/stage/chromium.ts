import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';
import type { TestCertificate } from './certificate.ts';

/** Where Debian, Ubuntu, Fedora and Arch have Chromium, and where Google's packages are. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * - `all`: pages of one site may use cookies of another one, which is not Debian's default
 * - `first-party`: they may not
 * - `none`: no cookies are kept
 */
export type Cookies = 'all' | 'first-party' | 'none';

/**
 * Starts the Chromium of this machine. Every host below `.test` (RFC 6761) leads to the port, and
 * no request leaves the machine.
 *
 * @throws if there is no Chromium. The message says how to get it.
 */
export async function startChromium(
	port: number,
	{ authorityHash }: TestCertificate,
	cookies: Cookies,
): Promise<{ readonly context: BrowserContext; close(): Promise<void> }> {
	const executablePath = process.env['CHROMIUM'] ?? places.find((place) => existsSync(place));
	if (executablePath === undefined)
		throw new Error(
			'There is no Chromium. Install it (Debian: apt-get install chromium), or name it in the variable CHROMIUM.',
		);
	const profile = await mkdtemp(join(tmpdir(), 'leasehold-chromium-'));
	await mkdir(join(profile, 'Default'));
	await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify(preferences(cookies)));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath,
		args: [
			`--host-resolver-rules=MAP *.test 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
			`--ignore-certificate-errors-spki-list=${authorityHash}`,
		],
		viewport: { width: 900, height: 900 },
		locale: 'en-GB',
		timezoneId: 'UTC',
	});
	return {
		context,
		close: async () => {
			await context.close();
			await rm(profile, { recursive: true });
		},
	};
}

/** Chromium's numbers: mode 0 sends third-party cookies, mode 1 does not; setting 2 blocks all. */
function preferences(cookies: Cookies) {
	const settings = cookies === 'none' ? { default_content_setting_values: { cookies: 2 } } : {};
	return { profile: { cookie_controls_mode: cookies === 'all' ? 0 : 1, ...settings } };
}
