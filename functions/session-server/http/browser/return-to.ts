/** The sealed cookie holds it, and browsers and API Gateway limit cookies. */
const returnToLengthMax = 1_024;

/**
 * Reads where a browser goes after a login or a logout: a path of the API's own origin, or a URL of
 * an allowed origin. Returns the URL as it was understood, or `undefined` if it is refused.
 *
 * Browsers drop tabs and line ends, and take a backslash for a slash. So only printable ASCII is
 * read, without backslashes. The answer is always absolute: the path of `/.//host` begins with two
 * slashes, and would lead to another host by itself.
 *
 * @param own the API's own address
 */
export function readReturnTo(text: string, own: string, origins: ReadonlySet<string>): string | undefined {
	if (!/^[\x21-\x5b\x5d-\x7e]+$/.test(text)) return undefined;
	const isPath = /^\/(?!\/)/.test(text);
	if (!isPath && !/^https?:\/\/[^/]/i.test(text)) return undefined;
	const url = isPath ? URL.parse(text, own) : URL.parse(text);
	if (url === null || url.username !== '' || url.password !== '') return undefined;
	// Encoded, some characters take three times the space.
	if (url.href.length > returnToLengthMax) return undefined;
	const isOwn = url.origin === new URL(own).origin;
	return isOwn || (!isPath && origins.has(url.origin)) ? url.href : undefined;
}
