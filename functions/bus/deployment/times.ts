import { busTryMs } from '../../system/aws/call-limits.ts';

/**
 * How long the bus's function may run for one message. It is longer than one try of a session server, so that the bus can
 * finish a write that the session server no longer waits for.
 */
export const busFunctionMs = busTryMs + 1_500;
