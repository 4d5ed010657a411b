import { timing } from '../world/settings.ts';

/* Virtual times that stories wait for. Each is past its limit by a margin. */

const marginMs = 10;

/** From then on, others may seal a lease that was renewed just before. */
export const untilSealableMs = timing.leaseDurationMs + timing.skewMs + marginMs;

/** From then on, the server reports activity again. */
export const untilTouchIsDueMs = timing.touchIntervalMs + marginMs;

/** From then on, a copy is behind the staleness bound unless the server syncs. */
export const pastTheBoundMs = timing.maxStalenessMs + marginMs;

/** After a failed sync, a server starts no other one for 250 ms. */
export const untilSyncIsRetriedMs = 300;

/** After repeated failures, a bus does not ask a repository for a second. */
export const untilAskedAgainMs = 1_100;

/** Longer than a message to the bus takes, with the calls that it leads to and their answers. */
export const roundTripMs = 100;

/** Longer than a write takes that one repository refuses, with the marker and the repair for it. */
export const untilRepositoryHasFailedMs = 2_500;
