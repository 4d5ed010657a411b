/**
 * Hedged reads cost a read each, so there is a budget: every read earns a part of one. When all are slow, hedging each of
 * them would only double the load (Dean & Barroso 2013).
 */
export interface HedgeBudget {
	readonly tokens: number;
}

/** So at most one read in twenty is hedged in the long run. */
const earnedPerRead = 0.05;
/** Saved up for the first moments of a repository's slowness, in which nobody knows of it yet. */
const tokensMax = 5;

export const initialHedgeBudget: HedgeBudget = { tokens: 1 };

export function afterRead({ tokens }: HedgeBudget): HedgeBudget {
	return { tokens: Math.min(tokensMax, tokens + earnedPerRead) };
}

/** What is left after one hedge; `undefined` when there is not enough for it. */
export function afterHedge({ tokens }: HedgeBudget): HedgeBudget | undefined {
	return tokens < 1 ? undefined : { tokens: tokens - 1 };
}
