/**
 * - `none`: there is no note, and the repository was not set back.
 * - `missed`: there is a note, or the repository was set back. So it may lack changes.
 * - `unknown`: a repository that would have the note did not answer within `checkWaitMs`, or nobody
 *   can tell whether the repository was set back. There was no note at the check before. Only
 *   assumption A3 says that no change is missing.
 */
export type Doubt = 'none' | 'missed' | 'unknown';
