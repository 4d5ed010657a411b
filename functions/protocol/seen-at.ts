import * as v from 'valibot';

/**
 * When the asking instance last saw the session used, by its clock, in milliseconds since 1970. The
 * bus does not believe a time that is ahead of its own clock by more than the skew margin.
 */
export const seenAtMsSchema = v.pipe(v.number(), v.integer(), v.minValue(0));
