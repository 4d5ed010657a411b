import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import type { TestCertificate } from './certificate.ts';

export interface ChromiumOptions {
	/** Further options of the command line. */
	readonly flags?: readonly string[];
}

/** Where Debian, Ubuntu, Fedora and Arch have Chromium, and where Google's packages are. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Starts the Chromium of this machine. Every host below `.test` (RFC 6761) leads to the port, and
 * no request leaves the machine.
 *
 * @throws if there is no Chromium. The message says how to get it.
 */
export async function startChromium(
	port: number,
	{ authorityHash }: TestCertificate,
	{ flags = [] }: ChromiumOptions = {},
): Promise<Browser> {
	const executablePath = process.env['CHROMIUM'] ?? places.find((place) => existsSync(place));
	if (executablePath === undefined)
		throw new Error(
			'There is no Chromium. Install it (Debian: apt-get install chromium), or name it in the variable CHROMIUM.',
		);
	return await chromium.launch({
		executablePath,
		args: [
			`--host-resolver-rules=MAP *.test 127.0.0.1:${port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`,
			`--ignore-certificate-errors-spki-list=${authorityHash}`,
			...flags,
		],
	});
}
