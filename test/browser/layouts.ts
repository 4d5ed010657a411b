import { readFileSync } from 'node:fs';

/** The hosts whose pages use the API, by their names in the document. */
export const pages = {
	'same origin': 'api.leasehold.test',
	'sibling, listed': 'app.leasehold.test',
	'sibling, not listed': 'stranger.leasehold.test',
	'other site, listed': 'app.other.test',
	'other site, not listed': 'stranger.test',
} as const;

export const listedOrigins = ['https://app.leasehold.test', 'https://app.other.test'];

/** The cookie settings, by their names in the document. */
export const cookieSettings = {
	default: {},
	strict: { sameSite: 'strict' },
	domain: { domain: 'leasehold.test' },
	none: { sameSite: 'none' },
	partitioned: { sameSite: 'none', partitioned: true },
} as const;

/** The columns of the document. */
const columns = ['login by fetch', 'read by fetch', 'change by fetch', 'form', 'link'] as const;
export type Layout = Readonly<Record<(typeof columns)[number], 'allowed' | 'refused'>>;

/**
 * The table in `docs/browsers.md`.
 *
 * @throws if it does not have exactly these columns
 */
export function documentedLayouts(): readonly (readonly [page: string, cookie: string, layout: Layout])[] {
	const text = readFileSync(new URL('../../docs/browsers.md', import.meta.url), 'utf8');
	const [, table = ''] = /<!-- The browser tests read this table\. -->\n+((?:\|.*\n)+)/.exec(text) ?? [];
	const [head, , ...rows] = table
		.trim()
		.split('\n')
		.map((row) =>
			row
				.split('|')
				.slice(1, -1)
				.map((cell) => cell.trim()),
		);
	if (String(head) !== String(['page', 'cookie', ...columns])) throw new Error(`other columns than expected: ${head}`);
	return rows.map(([page = '', cookie = '', ...cells]) => [
		page,
		cookie,
		Object.fromEntries(columns.map((column, index) => [column, cells[index]])) as unknown as Layout,
	]);
}
