import type { Session } from '../../session/session.ts';
import type { CookieSettings } from '../deployment/browser-settings.ts';
import type { ApiRequest, ApiResponse } from './exchange.ts';
import { cookieTokens, type Kept, keptCookies, renewedAtSeconds } from './session-cookie.ts';

/**
 * How long a browser keeps a persistent cookie from now on. With a renewal interval it keeps the
 * cookie for that interval longer than the session may go unused. So the cookie outlives each use
 * after which no answer renewed it. It never outlives the age limit of the session.
 */
export function keptFor(
	{ renewalSeconds }: Pick<CookieSettings, 'renewalSeconds'>,
	{ absoluteExpiresAtMs, idleTimeoutMs }: Pick<Session, 'absoluteExpiresAtMs' | 'idleTimeoutMs'>,
	nowMs: number,
): Kept {
	const leftSeconds = Math.floor((absoluteExpiresAtMs - nowMs) / 1_000);
	if (renewalSeconds === undefined) return { maxAgeSeconds: leftSeconds };
	const maxAgeSeconds = Math.ceil(idleTimeoutMs / 1_000) + renewalSeconds;
	// Nothing is left to renew.
	if (maxAgeSeconds >= leftSeconds) return { maxAgeSeconds: leftSeconds };
	return { maxAgeSeconds, renewedAtSeconds: Math.floor(nowMs / 1_000) };
}

/**
 * Renews the persistent cookie of a live session if the interval has passed. If the deployment has
 * no interval any more, the browser keeps the cookie for as long as the session may last.
 */
export function withRenewedCookie(
	session: Session,
	request: Pick<ApiRequest, 'cookies'>,
	settings: CookieSettings,
	nowMs: number,
	response: ApiResponse,
): ApiResponse {
	const renewedAt = renewedAtSeconds(settings, request);
	const [token, ...others] = cookieTokens(settings, request);
	if (renewedAt === undefined || token === undefined || others.length > 0) return response;
	// A time far in the future would stop all renewals. A clock that was wrong has set it.
	if (Math.abs(nowMs / 1_000 - renewedAt) < (settings.renewalSeconds ?? 0)) return response;
	const cookies = keptCookies(settings, request, token, keptFor(settings, session, nowMs));
	return { ...response, cookies: [...(response.cookies ?? []), ...cookies] };
}
