import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readReturnTo } from '../../../../../functions/session-server/http/browser/return-to.ts';

const own = 'https://api.example';
const origins = new Set(['https://app.example.com', 'http://localhost:5173']);
const read = (text: string) => readReturnTo(text, own, origins);

describe('return_to', () => {
	test.each([
		['/', 'https://api.example/'],
		['/orders?id=7&next=//x#top', 'https://api.example/orders?id=7&next=//x#top'],
		['/a/../b', 'https://api.example/b'],
		// Without its host, the next three would begin with two slashes.
		['/.//evil.example', 'https://api.example//evil.example'],
		['/..//evil.example', 'https://api.example//evil.example'],
		['/%2e//evil.example', 'https://api.example//evil.example'],
		['/%2f%2fevil.example', 'https://api.example/%2f%2fevil.example'],
		['/%09/evil.example', 'https://api.example/%09/evil.example'],
		['/%5cevil.example', 'https://api.example/%5cevil.example'],
		['/@evil.example', 'https://api.example/@evil.example'],
		['https://api.example/x', 'https://api.example/x'],
		['https://app.example.com', 'https://app.example.com/'],
		['https://app.example.com/a?b#c', 'https://app.example.com/a?b#c'],
		['HTTPS://APP.Example.COM/a', 'https://app.example.com/a'],
		['https://app.example.com:/a', 'https://app.example.com/a'],
		['https://app.example.com:443/a', 'https://app.example.com/a'],
		['https://app%2eexample.com/a', 'https://app.example.com/a'],
		['http://localhost:5173/', 'http://localhost:5173/'],
		['https://app.example.com/@evil.example', 'https://app.example.com/@evil.example'],
		['https://app.example.com#@evil.example', 'https://app.example.com/#@evil.example'],
		['https://app.example.com?@evil.example', 'https://app.example.com/?@evil.example'],
	])('%s leads to %s', (text, url) => {
		expect(read(text)).toBe(url);
	});

	test.each(
		[
			'',
			'orders',
			'?a',
			'#a',
			'.',
			'..//evil.example',
			'//evil.example',
			'///evil.example',
			'////evil.example',
			'//app.example.com',
			'/\\evil.example',
			'\\/evil.example',
			'\\\\evil.example',
			'/a\\b',
			'/\t/evil.example',
			'/\n/evil.example',
			'/\r/evil.example',
			'\t//evil.example',
			' //evil.example',
			' https://evil.example',
			'\u0000//evil.example',
			'/\u0000',
			'/\u2028/evil.example',
			'/ä',
			'/a b',
			'https:evil.example',
			'https:/evil.example',
			'https:///evil.example',
			'https:app.example.com',
			'https:/app.example.com',
			'https:///app.example.com',
			'https:\\\\app.example.com',
			'https://\\evil.example',
			'https://evil.example\\@app.example.com',
			'https://evil.example#@app.example.com',
			'https://app.example.com@evil.example',
			'https://app.example.com:x@evil.example',
			'https://app.example.com%40evil.example',
			'https://user@app.example.com',
			'https://user:secret@app.example.com',
			'https://:secret@app.example.com',
			'https://user@api.example/',
			'https://app.example.com.evil.example',
			'https://app.example.com.',
			'https://app.example.com../',
			'https://app.example.com:444',
			'https://app.example.com:80',
			'https://app.example.com:99999',
			'http://app.example.com',
			'http://api.example',
			'https://localhost:5173',
			'http://localhost',
			'https://example.com',
			'https://xapp.example.com',
			'https://аpp.example.com', // A Cyrillic а.
			'https://app。example.com',
			'https://app.example\u00ad.com',
			'https://xn--pp-6kc.example.com',
			'javascript:alert(1)',
			'JaVaScRiPt:alert(1)',
			'javascript://app.example.com/%0aalert(1)',
			'data:text/html,x',
			'blob:https://app.example.com/x',
			'filesystem:https://app.example.com/x',
			'about:blank',
			'ftp://app.example.com',
			'wss://app.example.com',
			'intent://app.example.com#Intent;end',
			'app.example.com',
			'https%3a//app.example.com',
			'%2f%2fevil.example',
			`/${'x'.repeat(1_024)}`,
			`/${'"'.repeat(400)}`, // As %22 it is three times as long.
		].filter((text) => text !== 'https://app.example.com:'),
	)('%j is refused', (text) => {
		expect(read(text)).toBeUndefined();
	});

	test('leads to the API or an allowed origin, whatever it is', () => {
		const piece = fc.constantFrom(
			...['/', '\\', '//', ':', '@', '?', '#', '.', '..', '%2f', '%5c', '\t', '\n', 'https:', 'http:', 'javascript:'],
			...['app.example.com', 'api.example', 'evil.example', 'a', '[::1]', '0x7f.1', 'xn--a', '。', '\u0000'],
		);
		fc.assert(
			fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
				const url = read(pieces.join(''));
				if (url === undefined) return;
				expect([own, ...origins]).toContain(new URL(url).origin);
				// A browser understands it as this code did, wherever it reads it.
				expect(new URL(url, 'https://other.example/a/b').href).toBe(url);
				expect(url).toMatch(/^https?:\/\/[\x21-\x7e]+$/);
			}),
			{ numRuns: 5_000 },
		);
	});
});
