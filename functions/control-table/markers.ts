import type { RepositoryName } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';

/**
 * Port: which repositories may lack a change of a session that was acknowledged without them. The
 * control table has a *marker* for each session and each repository that ever missed such a change.
 * A bus opens it before it announces the change, and a repair settles it.
 *
 * Each call is one atomic operation on each marker. A look sees every write that was answered
 * before the look began. A call that throws `Unreachable` may have had its effect, or may have it
 * later.
 *
 * A marker is never removed while its session may live, because its version would begin anew.
 */
export interface Markers {
	/**
	 * Opens the markers of these repositories. A marker that is open already gets a new version.
	 *
	 * @param expiresAtMs when the session expires at the latest, in milliseconds since the Unix
	 * epoch. `undefined`: nobody knows, and the marker stays for good.
	 */
	open(
		id: SessionId,
		missing: readonly RepositoryName[],
		at: { readonly openedAtMs: number; readonly expiresAtMs: number | undefined },
	): Promise<void>;

	/** Every marker of the session. */
	look(id: SessionId): Promise<MarkersOfSession>;

	/**
	 * Settles the marker if nobody has opened it since `version` was seen. `conflict`: somebody
	 * has, or there is no such marker.
	 */
	settle(id: SessionId, missing: RepositoryName, version: number): Promise<'settled' | 'conflict'>;
}

/** By the repository that missed something. No marker: it never missed a change of the session. */
export type MarkersOfSession = ReadonlyMap<RepositoryName, Marker>;

export interface Marker {
	/**
	 * - `open`: the repository may lack a change.
	 * - `settled`: a repair has given it every change for which the marker was opened.
	 */
	readonly state: 'open' | 'settled';
	/**
	 * The table counts it up whenever the marker is opened. So no two openings have the same one,
	 * even if a request arrives late or twice.
	 */
	readonly version: number;
	/** When it was opened last, by the clock of the bus that did. */
	readonly openedAtMs: number;
}

/**
 * In place of a session: the repository may lack any change of any session, because it was set back
 * to an earlier moment. `~` is not in the alphabet of ids.
 */
export const everySession = '~every-session' as SessionId;
