import { memoryAdapter } from '@better-auth/memory-adapter';
import { betterAuth } from 'better-auth';
import { anonymous } from 'better-auth/plugins';
import { sessionSeconds } from '../session-seconds.ts';
import { type PeerRequest, peerFunction, refused } from './peer.ts';
import { connectRedis } from './redis-client.ts';

/** The age in the documentation of better-auth: "Cookie Cache". */
const cookieCacheSeconds = 5 * 60;

/**
 * better-auth with sessions in Redis as its secondary storage, which its documentation recommends
 * for speed. A login is anonymous, so that no hash of a password is measured.
 */
export async function betterAuthFunction({ cookieCache }: { readonly cookieCache: boolean }) {
	const redis = await connectRedis();
	const auth = betterAuth({
		secret: 'a-secret-of-the-benchmark-with-32-characters',
		baseURL: 'http://localhost',
		database: memoryAdapter({ user: [], session: [], account: [], verification: [] }),
		secondaryStorage: {
			get: (key: string) => redis.get(key),
			getAndDelete: (key: string) => redis.getDel(key),
			increment: async (key: string, ttl: number) => {
				const count = await redis.incr(key);
				if (count === 1) await redis.expire(key, ttl);
				return count;
			},
			set: (key: string, value: string, ttl?: number) => redis.set(key, value, ttl === undefined ? {} : { EX: ttl }),
			delete: (key: string) => redis.del(key),
		},
		session: {
			expiresIn: sessionSeconds,
			updateAge: sessionSeconds,
			cookieCache: { enabled: cookieCache, maxAge: cookieCacheSeconds },
			additionalFields: { nickname: { type: 'string', required: false } },
		},
		rateLimit: { enabled: false },
		telemetry: { enabled: false },
		logger: { disabled: true },
		plugins: [anonymous()],
	});
	const headersOf = (request: PeerRequest) =>
		new Headers({ cookie: request.cookies.join('; '), origin: 'http://localhost' });
	const answer = (status: number, headers: Headers, user?: string) => ({
		status,
		cookies: headers.getSetCookie(),
		...(user === undefined ? {} : { headers: { 'x-user': user } }),
	});
	return peerFunction({
		async login() {
			const { headers } = await auth.api.signInAnonymous({ headers: new Headers(), returnHeaders: true });
			return answer(204, headers);
		},
		async decide(request) {
			const { response, headers } = await auth.api.getSession({ headers: headersOf(request), returnHeaders: true });
			return response === null ? refused : answer(204, headers, response.user.id);
		},
		async change(request, nickname) {
			const input = { headers: headersOf(request), body: { nickname }, returnHeaders: true } as const;
			return answer(204, (await auth.api.updateSession(input)).headers);
		},
		async logout(request) {
			return answer(204, (await auth.api.signOut({ headers: headersOf(request), returnHeaders: true })).headers);
		},
	});
}
