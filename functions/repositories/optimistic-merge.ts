import type { Session } from '../session/session.ts';
import { decoded } from './decoded.ts';
import { joinToStore } from './join.ts';
import { type Merged, mergeAttemptsMax, type Propose } from './repository.ts';

/** A stored record, and what names this very state of it. */
export interface Stored<Version> {
	readonly record: string;
	readonly version: Version;
}

interface Store<Version> {
	get(): Promise<Stored<Version> | undefined>;
	/** Writes on condition that the stored state is still `over`. */
	put(session: Session, over: Version | undefined): Promise<'written' | 'conflict'>;
}

/**
 * A merge as read, join, conditional write, and again when another write came between. Whoever conflicts has made progress,
 * so attempts run out only under more writers of one session than it has clients.
 */
export async function mergeWithRetries<Version>(store: Store<Version>, propose: Propose): Promise<Merged> {
	try {
		for (let attempt = 0; attempt < mergeAttemptsMax; attempt++) {
			const stored = await store.get();
			const current = stored === undefined ? undefined : decoded(stored.record);
			if (current?.kind === 'failed') return current;
			const join = joinToStore(current?.session, propose);
			if (join === undefined) return { kind: 'stored', session: current?.session };
			if ((await store.put(join, stored?.version)) === 'written') return { kind: 'stored', session: join };
		}
		return { kind: 'failed', reason: 'unavailable', cause: new Error('too many conflicting writes') };
	} catch (cause) {
		return { kind: 'failed', reason: 'unavailable', cause };
	}
}
