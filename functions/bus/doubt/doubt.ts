import type { MarkersOfSession } from '../../control-table/markers.ts';
import type { RepositoryName } from '../../session/repository-name.ts';

/**
 * Whether a repository may lack a change of a session.
 *
 * - `none`: it has every change that was acknowledged.
 * - `missed`: its marker is open, or it was set back. So it may lack changes.
 * - `unknown`: the control table did not answer. Only assumption A3 says that no change is missing.
 */
export type Doubt = 'none' | 'missed' | 'unknown';

/** @param markers `undefined`: the control table did not answer */
export function doubtBy(markers: MarkersOfSession | undefined, name: RepositoryName): Doubt {
	if (markers === undefined) return 'unknown';
	return markers.get(name)?.state === 'open' ? 'missed' : 'none';
}

/** The doubt for either of two reasons. */
export function worse(one: Doubt, other: Doubt): Doubt {
	if (one === 'missed' || other === 'missed') return 'missed';
	return one === 'none' ? other : one;
}

/**
 * Whether the repository had every change of the session at the first look, and missed none until
 * the second one. `undefined`: the control table did not answer.
 */
export function missedNothing(
	before: MarkersOfSession | undefined,
	after: MarkersOfSession | undefined,
	name: RepositoryName,
): boolean {
	if (before === undefined || after === undefined) return false;
	const [first, second] = [before.get(name), after.get(name)];
	return first?.state !== 'open' && second?.state !== 'open' && first?.version === second?.version;
}
