import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

/** A folder of files that belong to the API's origin. */
export interface PagesSettings {
	/** Begins and ends with a slash. */
	readonly prefix: string;
	readonly folder: string;
}

export interface Pages {
	/** Answers a request below the prefix. @returns false if it is not below the prefix */
	answer(request: IncomingMessage, response: ServerResponse): boolean;
}

const types: Readonly<Record<string, string>> = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.svg': 'image/svg+xml',
};

/**
 * The pages load their own files only. There is no `form-action`: a browser also applies it to
 * where the answer to a form redirects to, and a logout leads to the issuer.
 */
const headers = {
	'content-security-policy':
		"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'",
	'cache-control': 'no-cache',
	'referrer-policy': 'same-origin',
	'x-content-type-options': 'nosniff',
};

/** Serves the files that the folder has now. This stands in for a bucket behind CloudFront. */
export async function loadPages({ prefix, folder }: PagesSettings): Promise<Pages> {
	const names = (await readdir(folder)).filter((name) => types[extname(name)] !== undefined);
	const files = new Map(
		await Promise.all(names.map(async (name) => [prefix + name, await readFile(join(folder, name))] as const)),
	);
	return {
		answer(request, response) {
			const [path = '', query] = String(request.url).split('?', 2);
			if (`${path}/` === prefix) {
				response.writeHead(308, { location: query === undefined ? prefix : `${prefix}?${query}` }).end();
				return true;
			}
			if (!path.startsWith(prefix)) return false;
			const name = path === prefix ? `${prefix}index.html` : path;
			const file = files.get(name);
			if (request.method !== 'GET' && request.method !== 'HEAD') response.writeHead(405, { allow: 'GET, HEAD' }).end();
			else if (file === undefined)
				response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such page.');
			else
				response
					.writeHead(200, { ...headers, 'content-type': types[extname(name)], 'content-length': file.length })
					.end(request.method === 'HEAD' ? undefined : file);
			return true;
		},
	};
}
