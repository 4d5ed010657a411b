import { getIronSession } from 'iron-session';
import { sessionSeconds } from '../session-seconds.ts';
import { type Attributes, attributesOf, type PeerRequest, peerFunction, refused } from './peer.ts';

const options = {
	cookieName: 'session',
	password: 'a-password-of-the-benchmark-with-32-characters',
	ttl: sessionSeconds,
};

async function sessionOf({ cookies }: PeerRequest) {
	const response = new Response();
	const request = new Request('https://peer.example/', { headers: { cookie: cookies.join('; ') } });
	const session = await getIronSession<Attributes>(request, response, options);
	return { session, cookies: () => response.headers.getSetCookie() };
}

/** iron-session: the whole session is sealed in a cookie. */
export const handler = peerFunction({
	async login(user) {
		const { session, cookies } = await sessionOf({ headers: {}, cookies: [] });
		Object.assign(session, attributesOf(user));
		await session.save();
		return { status: 204, cookies: cookies() };
	},
	async decide(request) {
		const { session } = await sessionOf(request);
		return session.user === undefined ? refused : { status: 204, headers: { 'x-user': session.user } };
	},
	async change(request, nickname) {
		const { session, cookies } = await sessionOf(request);
		if (session.user === undefined) return refused;
		session.nickname = nickname;
		await session.save();
		return { status: 204, cookies: cookies() };
	},
	async logout(request) {
		const { session, cookies } = await sessionOf(request);
		session.destroy();
		return { status: 204, cookies: cookies() };
	},
});
