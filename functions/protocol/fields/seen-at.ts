import { timeMs } from '../../session/session-schema.ts';

/**
 * When the asking instance last saw the session used, by its clock, in milliseconds since 1970. If
 * it is ahead of the bus's clock by more than the skew margin, the bus cuts it.
 */
export const seenAtMsSchema = timeMs;
