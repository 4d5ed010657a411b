import type { Refusal } from '../../access/decision.ts';
import type { Evidence } from './evidence.ts';

/** The request cannot use the session. Repeating it would have the same outcome. */
export interface Refused {
	readonly kind: 'refused';
	readonly code: Refusal | 'session_malformed' | 'session_unknown';
	/** Absent if no session was found, or if it is known to be over without looking. */
	readonly evidence?: Evidence | undefined;
}

/** Nothing is known about the session at the moment. This neither refuses nor allows (I8). */
export interface Unavailable {
	readonly kind: 'unavailable';
	/** The part that did not answer, for the log. */
	readonly reason: string;
}

/** The client sends more than one client may. Nothing is said about the session. */
export interface Limited {
	readonly kind: 'limited';
	/** When the client may try again. */
	readonly waitMs: number;
}

/** Why an operation has no session to work with. */
export type NoSession = Refused | Unavailable | Limited;
