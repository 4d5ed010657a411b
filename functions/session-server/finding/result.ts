import type { Refusal } from '../../access/decision.ts';
import type { Evidence } from './evidence.ts';

/** The request cannot use the session, and repeating it changes nothing. */
export interface Refused {
	readonly kind: 'refused';
	readonly code: Refusal | 'session_malformed' | 'session_unknown';
	/** Absent when no session was found to decide about. */
	readonly evidence?: Evidence | undefined;
}

/** Nothing is known of the session at the moment. This is neither a refusal nor an allow (I8). */
export interface Unavailable {
	readonly kind: 'unavailable';
	/** What did not answer: for the log. */
	readonly reason: string;
}

/** Why an operation has no session to work with. */
export type NotFound = Refused | Unavailable;
