/** The kinds of fault in a run. */
export const faultKinds = [
	'server crash',
	'bus crash',
	'server freeze',
	'server sleep',
	'bus freeze',
	'bus sleep',
	'repository outage',
	'all repositories down',
	'control table outage',
	'queue outage',
	'bus outage',
	'message loss',
	'slow messages',
	'duplicated messages',
	'unreadable feed',
	'partition',
	'bus without a repository',
	'clock step',
	'clock jump',
] as const;
export type FaultKind = (typeof faultKinds)[number];
