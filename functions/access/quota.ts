/** What a login does when its subject has as many sessions as it may have. */
export const quotaActions = ['deny', 'end-next-expiring', 'end-oldest', 'end-all'] as const;

export type QuotaAction = (typeof quotaActions)[number];

/** How many sessions a subject may have at once, and what the login beyond that does. */
export interface Quota {
	readonly max: number;
	readonly action: QuotaAction;
}

/** The largest quota. So many sessions of one subject can be loaded within one request. */
export const quotaMaxMax = 100;
