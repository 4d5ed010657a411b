/**
 * Each hedge costs a second read, so every read earns a part of one. If all repositories are slow,
 * a hedge for each read would only double their load (Dean & Barroso 2013).
 */
export interface HedgeBudget {
	/** Called for each read. */
	earn(): void;
	/** `false`: the budget does not allow a hedge. */
	spend(): boolean;
}

/** In the long run, at most one read in twenty is hedged. */
const earnedPerRead = 0.05;
/** Savings for the first moments of a slow repository, when its latency is not known yet. */
const savedMax = 5;

export function createHedgeBudget(): HedgeBudget {
	let saved = 1;
	return {
		earn: () => {
			saved = Math.min(savedMax, saved + earnedPerRead);
		},
		spend: () => {
			if (saved < 1) return false;
			saved -= 1;
			return true;
		},
	};
}
