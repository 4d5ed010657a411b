import { Token } from 'aws-cdk-lib';
import type { CookieSettings } from '../../functions/session-server/deployment/browser-settings.ts';
import { SettingError } from './setting-error.ts';

/** One way in which the cookie is weaker than by default. */
export interface CookieWarning {
	/** Identifies the warning, for `Annotations.acknowledgeWarning`. */
	readonly id: string;
	readonly text: string;
}

/**
 * Names each protection that the settings of the cookie give up.
 *
 * @param origins the pages that may use it
 * @param host the host of the API, if it is known
 * @throws SettingError if browsers would refuse the cookie of this host
 */
export function cookieWarnings(
	{ name, domain, sameSite, partitioned }: CookieSettings,
	origins: readonly string[],
	host: string | undefined,
): readonly CookieWarning[] {
	const knownHost = host === undefined || Token.isUnresolved(host) ? undefined : host.toLowerCase();
	if (domain !== undefined && knownHost !== undefined && knownHost !== domain && !knownHost.endsWith(`.${domain}`))
		throw new SettingError(
			['cookie.domain'],
			`is ${domain}, but the API is at ${knownHost}: browsers accept only this host or one of the domains above it`,
		);
	const warnings: Readonly<Record<string, string | false>> = {
		domain: domain !== undefined && domainText(name, domain, knownHost),
		name: domain === undefined && nameText(name),
		sameSite: sameSite === 'none' && noneText(partitioned),
		...(sameSite === 'none' || knownHost === undefined ? {} : otherSites(origins, knownHost, sameSite)),
	};
	return Object.entries(warnings).flatMap(([id, text]) =>
		text === false ? [] : [{ id: `leasehold:cookie.${id}`, text: `cookie: ${text}` }],
	);
}

function domainText(name: string, domain: string, host: string | undefined): string {
	const others = /^__(Secure|Http)-/i.test(name)
		? ''
		: `, and also pages without TLS, because the name ${name} has no prefix`;
	const where = host === undefined ? ' Browsers accept it only from an API at such a host.' : '';
	return `with domain ${domain}, every host below ${domain} gets the session token, and each of them can replace it${others}.${where}`;
}

function nameText(name: string): string | false {
	if (/^__Host-Http-/i.test(name)) return false;
	if (/^__Host-/i.test(name)) return `with the name ${name}, a script of a page can plant a token of its choice.`;
	return `with the name ${name}, other hosts of the same site and scripts of pages can plant a token of their choice.`;
}

function noneText(partitioned: boolean): string {
	const blocked = partitioned
		? 'Browsers without partitioned cookies may block it.'
		: 'Browsers that block third-party cookies do not send it there.';
	return (
		'with sameSite none, pages of every site make browsers send the cookie, and only the origin of the request ' +
		`protects against forged changes. ${blocked}`
	);
}

/**
 * Two hosts whose last two labels differ are never of one site. The cookie does not reach the API
 * from there.
 */
function otherSites(origins: readonly string[], host: string, sameSite: string): Readonly<Record<string, string>> {
	const site = (name: string) => name.split('.').slice(-2).join('.');
	const others = origins.filter(
		(origin) => !Token.isUnresolved(origin) && site(new URL(origin).hostname) !== site(host),
	);
	if (others.length === 0) return {};
	return {
		otherSites: `with sameSite ${sameSite}, browsers do not send the cookie from pages of ${others.join(', ')}, which are of another site than ${host}.`,
	};
}
