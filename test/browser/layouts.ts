/** The hosts whose pages use the API, by their names in the document. */
export const pages = {
	'the API’s own': 'api.leasehold.test',
	'sibling host, listed': 'app.leasehold.test',
	'sibling host, not listed': 'stranger.leasehold.test',
	'other site, listed': 'app.other.test',
	'other site, not listed': 'stranger.test',
} as const;

export const listedOrigins = ['https://app.leasehold.test', 'https://app.other.test'];

/** The cookie settings, by their names in the document. */
export const cookieSettings = {
	'by default': {},
	"`sameSite: 'strict'`": { sameSite: 'strict' },
	'`domain`': { domain: 'leasehold.test' },
	"`sameSite: 'none'`": { sameSite: 'none' },
	'`partitioned: true`': { sameSite: 'none', partitioned: true },
} as const;

/** The columns of the document. */
export const actions = ['log in', 'read', 'change', 'post', 'form', 'link', 'own host'] as const;
export type Action = (typeof actions)[number];
