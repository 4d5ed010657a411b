import type { BenchSession } from './contender.ts';

/**
 * The header in which a server gives a client a copy of its session, and in which the client sends
 * it back. A server that gives none gets none. A copy in a cookie is kept with the other cookies.
 */
export const carriedHeader = 'leasehold-copy';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Keeps what an answer gives to the client. */
export function keepAnswer(session: BenchSession, headers: Headers): void {
	const copy = headers[carriedHeader];
	if (typeof copy === 'string') session.carried = copy;
	const cookies = headers['set-cookie'] ?? [];
	for (const cookie of typeof cookies === 'string' ? [cookies] : cookies) {
		const [pair = ''] = cookie.split(';', 1);
		const at = pair.indexOf('=');
		const [name, value] = [pair.slice(0, at).trim(), pair.slice(at + 1)];
		if (value === '' || /;\s*max-age=0\b/i.test(cookie)) session.cookies.delete(name);
		else session.cookies.set(name, value);
	}
}

/** The headers that the client sends with each request, other than its cookies. */
export function headersOf({ token, carried }: BenchSession): Record<string, string> {
	return {
		...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
		...(carried === undefined ? {} : { [carriedHeader]: carried }),
	};
}

/** The cookies as `name=value`. */
export function cookiesOf({ cookies }: BenchSession): readonly string[] {
	return [...cookies].map(([name, value]) => `${name}=${value}`);
}
