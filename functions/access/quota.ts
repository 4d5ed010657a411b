/**
 * The possible outcomes of a login whose subject already has as many sessions as the quota allows.
 */
export const quotaActions = ['deny', 'end-next-expiring', 'end-oldest', 'end-all'] as const;

export type QuotaAction = (typeof quotaActions)[number];

/** How many sessions a subject may have at once, and the outcome of a login beyond that. */
export interface Quota {
	readonly max: number;
	readonly action: QuotaAction;
}

/** The largest quota: the bus can load this many sessions of a subject within one request. */
export const quotaMaxMax = 100;
