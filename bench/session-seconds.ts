/** How long the sessions of every contender last, in seconds. */
export const sessionSeconds = 12 * 3_600;
