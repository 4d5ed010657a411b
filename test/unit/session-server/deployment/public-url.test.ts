import { expect, test } from 'vitest';
import { parsePublicUrl } from '../../../../functions/session-server/deployment/public-url.ts';

test('the public URL is kept without a slash at its end, and may be missing', () => {
	expect(parsePublicUrl({})).toBeUndefined();
	expect(parsePublicUrl({ LEASEHOLD_PUBLIC_URL: '' })).toBeUndefined();
	for (const [text, url] of [
		['https://example.com/sessions/', 'https://example.com/sessions'],
		['https://example.com', 'https://example.com'],
		['http://127.0.0.1:8787/', 'http://127.0.0.1:8787'],
	] as const)
		expect(parsePublicUrl({ LEASEHOLD_PUBLIC_URL: text })).toBe(url);
});

test.each([
	'example.com',
	'http://example.com',
	'https://a@example.com',
	'https://example.com/?a',
	'https://example.com/#a',
	'ftp://localhost',
])('the public URL %s is refused', (text) => {
	expect(() => parsePublicUrl({ LEASEHOLD_PUBLIC_URL: text })).toThrow('LEASEHOLD_PUBLIC_URL must be a URL such as');
});
