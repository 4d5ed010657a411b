import {
	type BrowserSettings,
	type CookieOptions,
	parseBrowserSettings,
} from '../../functions/session-server/deployment/browser-settings.ts';

/** The settings of a deployment with these origins and this cookie. */
export function browserSettings(origins: readonly string[] = [], cookie: CookieOptions = {}): BrowserSettings {
	return parseBrowserSettings({
		LEASEHOLD_ORIGINS: JSON.stringify(origins),
		LEASEHOLD_COOKIE: JSON.stringify(cookie),
	});
}

/** The header that clears the cookie of the default settings. */
export const clearedCookie = '__Host-Http-session=; Secure; HttpOnly; Path=/; SameSite=Lax; Max-Age=0';
