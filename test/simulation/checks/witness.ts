import type { LeaseTable } from '../../../functions/control-table/lease-table.ts';
import { everySession, type Markers } from '../../../functions/control-table/markers.ts';
import type { Repository } from '../../../functions/repositories/repository.ts';
import { merge } from '../../../functions/session/merge.ts';
import type { RepositoryName } from '../../../functions/session/repository-name.ts';
import type { InstanceId, Session, SessionId } from '../../../functions/session/session.ts';
import { holdsAttributesOf, isWhole, stubOf } from '../../../functions/session/stub.ts';
import { versionOf } from '../../../functions/session/version.ts';
import { epochMs } from '../engine/schedule.ts';
import type { Observer } from './observer.ts';

/*
 * A witness sees every effect at the services, in the order in which the effects took place. So it
 * knows which leases are sealed and what each repository holds. It checks the invariants that hold
 * for each single step.
 */

/** The state of the services at this moment, regardless of what any node believes. */
export interface Truth {
	/** Whether the lease is sealed or was never there. Its holder must not answer from memory. */
	isSealed(instanceId: InstanceId): boolean;
	/** When the lease was sealed; `undefined` if it is not sealed or was never there. */
	sealedSince(instanceId: InstanceId): number | undefined;
	ownerIn(sessionId: SessionId, epoch: number): InstanceId | undefined;
	/** Every state of the session that the repository ever held, oldest first. */
	states(repository: RepositoryName, sessionId: SessionId): readonly Session[];
	/** Since when the repository has had a record of the session. */
	storedSince(repository: RepositoryName, sessionId: SessionId): number | undefined;
	/** The same, with the states that the repository has lost because it was set back. */
	everHeld(repository: RepositoryName, sessionId: SessionId): readonly Session[];
	/** Whether a sweep has ended, and removed the marker of every session. */
	isSwept(repository: RepositoryName): boolean;
	/** The join of every state of the session that the bus acknowledged. */
	acknowledged(sessionId: SessionId): Session | undefined;
	/** Whether a bus believed a repository because it could reach nothing else. */
	hasReliedOnA3(sessionId: SessionId): boolean;
	/** A server reports activity to the bus. `seenAtMs` is the time that it reports. */
	reportedActivity(sessionId: SessionId, seenAtMs: number): void;
	/** A server asks the bus for a new session. */
	asksForSession(session: Session): void;
	/**
	 * How many sessions servers asked for. A login may ask for several, and one that it gave up may
	 * still be stored and count for the quota.
	 */
	sessionsAskedFor(subject: string): number;
	/** A server asks the bus to end every session of the subject but one. */
	endsSubject(subject: string, except: SessionId | undefined): void;
	/** When servers asked to end the subject's sessions, in true time. */
	endsOf(subject: string): readonly { readonly at: number; readonly except: SessionId | undefined }[];
	/**
	 * Whether activity was stored when the session had (nearly) expired. A quota may not have
	 * counted it.
	 */
	isRevived(sessionId: SessionId): boolean;
	/** The bus acknowledges a change on condition that the session still has this version. */
	changedIf(sessionId: SessionId, version: string, degraded: boolean): void;
	/**
	 * Whether every repository had an acknowledged change of this version. If not, each of its
	 * authors reached one repository alone (A3).
	 */
	isChangedEverywhere(sessionId: SessionId, version: string): boolean;
	/** When a server last reported activity, in true time. */
	lastReportAt(sessionId: SessionId): number;
	/**
	 * The earliest time at which the session may be idle, by the activity that every repository has
	 * stored at `at`, in milliseconds since the Unix epoch. `undefined` if a later one was stored.
	 */
	idleFrom(sessionId: SessionId, at: number): number | undefined;
}

export interface Witness extends Observer {
	readonly truth: Truth;
	acquired(instanceId: InstanceId): void;
	sealed(instanceId: InstanceId): void;
	stored(repository: RepositoryName, session: Session): void;
	/** The bus answers a write. Each repository has the session in this state or will get it. */
	acknowledged(session: Session): void;
	/**
	 * The bus answers a change that readers must see and that a repository missed. `isMarked`:
	 * whether a repository's marker of the session is open at this moment.
	 */
	acknowledgedDegraded(session: Session, isMarked: (missing: RepositoryName) => boolean): void;
	/** Returns a function to call when the repository is set back to how it is now. */
	backedUp(repository: RepositoryName): () => void;
	/** A bus has noticed that the repository was set back. Until then, its tally says so. */
	noticedSetBack(repository: RepositoryName): void;
	/** A bus has believed a repository of which it could not know whether it missed a change. */
	reliedOnA3(id: SessionId): void;
	/** No marker says any more that the repository missed changes of the session. */
	settled(missing: RepositoryName, id: SessionId): void;
}

type States = Record<RepositoryName, Map<SessionId, Session[]>>;

/** Covers the difference of clocks that agree, and the time that a bus takes to decide. */
const restMarginMs = 2_000;

export function createWitness(observer: Observer, now: () => number): Witness {
	const acquired = new Set<InstanceId>();
	const sealedAt = new Map<InstanceId, number>();
	/** By session and epoch. */
	const owners = new Map<SessionId, Map<number, InstanceId>>();
	/** By repository and session. */
	const states: States = { dynamodb: new Map(), s3: new Map(), memory: new Map() };
	const storedAt = { dynamodb: new Map<SessionId, number>(), s3: new Map<SessionId, number>() };
	/** The states of sessions in a repository that was set back to before they began. */
	const lost: States = { dynamodb: new Map(), s3: new Map(), memory: new Map() };
	const unnoticed = new Set<RepositoryName>();
	const wasSetBack = new Set<RepositoryName>();
	const reliant = new Set<SessionId>();
	const swept = new Set<RepositoryName>();
	const acknowledged = new Map<SessionId, Session>();
	/** The acknowledged states that readers must see although a repository missed them. */
	const degraded = new Map<SessionId, Session>();
	const reportedAt = new Map<SessionId, number>();
	const activity = new Map<SessionId, number>();
	const asked = new Map<string, Set<SessionId>>();
	const ends = new Map<string, { at: number; except: SessionId | undefined }[]>();
	const changedEverywhere = new Set<string>();
	const revived = new Set<SessionId>();
	/** When each repository stored the latest activity, in true time. */
	const activeSince = { dynamodb: new Map<SessionId, number>(), s3: new Map<SessionId, number>() };

	const isSealed = (instanceId: InstanceId) => sealedAt.has(instanceId) || !acquired.has(instanceId);

	/**
	 * Checks the owner from whom a new owner recovered the session. That is the previous owner in
	 * the repository that decided. If the bus knew of later owners from the other repository, it is
	 * the latest owner in either of them. Two buses that each reach only one repository may both
	 * recover from the same sealed owner; the higher epoch remains.
	 */
	function checkPredecessor(before: Session | undefined, { id, owner }: Session): void {
		const known = owners.get(id) ?? new Map<number, InstanceId>();
		const latest = Math.max(...[...known.keys()].filter((epoch) => epoch < owner.epoch));
		owners.set(id, known.set(owner.epoch, owner.instanceId));
		const replaced = [before?.owner.instanceId, known.get(latest)].filter((other) => other !== undefined);
		if (replaced.length > 0 && replaced.every((other) => other !== owner.instanceId && !isSealed(other)))
			observer.violated('I5', `${owner.instanceId} recovered ${id} from ${replaced.join(' or ')}, which is not sealed`);
	}

	function checkOwner(repository: RepositoryName, before: Session | undefined, after: Session): void {
		const { epoch, instanceId } = after.owner;
		const known = owners.get(after.id)?.get(epoch);
		// Set back, the repository may know no owner any more. The one that it had may be sealed.
		if (known === undefined) checkPredecessor(before ?? lost[repository].get(after.id)?.at(-1), after);
		else if (known !== instanceId)
			observer.violated('I3', `${known} and ${instanceId} both own ${after.id} in epoch ${epoch}`);
		if (before === undefined || before.owner === after.owner) return;
		if (epoch < before.owner.epoch)
			observer.violated('I3', `${repository} went from epoch ${before.owner.epoch} of ${after.id} back to ${epoch}`);
	}

	/**
	 * An owner that no repository has any more was not acknowledged. Its epoch is given to another.
	 */
	function forgetLostOwners(id: SessionId): void {
		const left = Object.values(states).map((held) => held.get(id)?.at(-1)?.owner.epoch ?? 0);
		for (const epoch of owners.get(id)?.keys() ?? []) if (epoch > Math.max(...left)) owners.get(id)?.delete(epoch);
	}

	function checkLife(repository: RepositoryName, before: Session, after: Session): void {
		if (before.revocation !== undefined && after.revocation === undefined)
			observer.violated('I1', `${repository} revived ${after.id}`);
		if (after.absoluteExpiresAtMs !== before.absoluteExpiresAtMs || after.idleTimeoutMs !== before.idleTimeoutMs)
			observer.violated('I7', `${repository} changed the life of ${after.id}`);
		// The end counts even if its record is forged. Nobody is let in by a tombstone.
		if (after.revocation === undefined && after.credential.assuranceLevel !== before.credential.assuranceLevel)
			observer.violated('I7', `${repository} changed the assurance level of ${after.id}`);
		if (!isWhole(before) && isWhole(after) && after.revocation === undefined)
			observer.violated('I2', `${repository} takes its stub of ${after.id} for the whole session`);
		const kept = isWhole(after) ? before : stubOf(before);
		if (merge(after, kept) !== after) observer.violated('I4', `${repository} took something of ${after.id} back`);
	}

	/** Nothing says that the repository lacks a change of the session, so it must have them all. */
	function checkHas(repository: RepositoryName, id: SessionId): void {
		const session = degraded.get(id);
		const record = states[repository].get(id)?.at(-1);
		if (session === undefined || (record !== undefined && holdsWhatItCan(record, session))) return;
		observer.violated('I1', `${repository} lacks a change of ${id}, and nothing says so`);
	}

	/** A repository may drop attributes only if the other one has them or has a tombstone. */
	function checkStub(repository: RepositoryName, before: Session | undefined, after: Session): void {
		if (before === undefined || isWhole(after)) return;
		const other = repository === 's3' ? 'dynamodb' : 's3';
		const there = states[other].get(after.id)?.at(-1);
		if (there?.revocation === undefined && !holdsAttributesOf(there, before))
			observer.violated('I2', `${repository} let attributes of ${after.id} go that ${other} does not have`);
	}

	return {
		...observer,
		truth: {
			isSealed,
			sealedSince: (instanceId) => sealedAt.get(instanceId),
			ownerIn: (sessionId, epoch) => owners.get(sessionId)?.get(epoch),
			acknowledged: (sessionId) => acknowledged.get(sessionId),
			states: (repository, sessionId) => states[repository].get(sessionId) ?? [],
			storedSince: (repository, sessionId) =>
				repository === 'memory' ? undefined : storedAt[repository].get(sessionId),
			everHeld: (repository, sessionId) => [
				...(lost[repository].get(sessionId) ?? []),
				...(states[repository].get(sessionId) ?? []),
			],
			isSwept: (repository) => swept.has(repository),
			hasReliedOnA3: (sessionId) => reliant.has(sessionId),
			asksForSession: ({ subject, id }) => {
				asked.set(subject, (asked.get(subject) ?? new Set()).add(id));
			},
			sessionsAskedFor: (subject) => asked.get(subject)?.size ?? 0,
			endsSubject: (subject, except) => {
				ends.set(subject, [...(ends.get(subject) ?? []), { at: now(), except }]);
			},
			endsOf: (subject) => ends.get(subject) ?? [],
			isRevived: (sessionId) => revived.has(sessionId),
			changedIf: (sessionId, version, degraded) => {
				if (!degraded) changedEverywhere.add(`${sessionId} ${version}`);
			},
			isChangedEverywhere: (sessionId, version) => changedEverywhere.has(`${sessionId} ${version}`),
			lastReportAt: (sessionId) => reportedAt.get(sessionId) ?? 0,
			idleFrom: (sessionId, at) => {
				const ends = (['dynamodb', 's3'] as const).map((name) => {
					const record = states[name].get(sessionId)?.at(-1);
					if (record === undefined || (activeSince[name].get(sessionId) ?? 0) > at) return undefined;
					return record.lastSeenAtMs + record.idleTimeoutMs;
				});
				return ends.includes(undefined) ? undefined : Math.min(...ends.map((end) => end ?? 0));
			},
			reportedActivity: (sessionId, seenAtMs) => {
				reportedAt.set(sessionId, now());
				activity.set(sessionId, Math.max(activity.get(sessionId) ?? 0, seenAtMs));
			},
		},
		acquired: (instanceId) => {
			acquired.add(instanceId);
		},
		sealed: (instanceId) => {
			if (acquired.has(instanceId) && !sealedAt.has(instanceId)) sealedAt.set(instanceId, now());
		},
		acknowledged: (session) => {
			const before = acknowledged.get(session.id);
			acknowledged.set(session.id, before === undefined ? session : merge(before, session));
		},
		acknowledgedDegraded: (session, isMarked) => {
			const before = degraded.get(session.id);
			degraded.set(session.id, before === undefined ? session : merge(before, session));
			for (const missing of ['dynamodb', 's3'] as const)
				if (!wasSetBack.has(missing) && !isMarked(missing)) checkHas(missing, session.id);
		},
		noticedSetBack: (repository) => {
			unnoticed.delete(repository);
		},
		reliedOnA3: (id) => {
			if (degraded.has(id)) reliant.add(id);
		},
		settled: (missing, id) => {
			if (id === everySession) swept.add(missing);
			if (!unnoticed.has(missing)) checkHas(missing, id);
		},
		backedUp: (repository) => {
			const held = new Map([...states[repository]].map(([id, history]) => [id, history.at(-1)]));
			return () => {
				unnoticed.add(repository);
				wasSetBack.add(repository);
				for (const [id, history] of states[repository]) {
					const before = held.get(id);
					if (before !== undefined) {
						if (before !== history.at(-1)) history.push(before);
						continue;
					}
					lost[repository].set(id, history);
					states[repository].delete(id);
					if (repository !== 'memory') storedAt[repository].delete(id);
				}
				for (const id of owners.keys()) forgetLostOwners(id);
			};
		},
		stored: (repository, after) => {
			const history = states[repository].get(after.id);
			const before = history?.at(-1);
			if (before === after) return;
			if (history === undefined) {
				states[repository].set(after.id, [after]);
				if (repository !== 'memory') storedAt[repository].set(after.id, now());
			} else history.push(after);
			if (repository !== 'memory' && after.lastSeenAtMs > (before?.lastSeenAtMs ?? 0))
				activeSince[repository].set(after.id, now());
			checkOwner(repository, before, after);
			if (before !== undefined) checkLife(repository, before, after);
			checkStub(repository, before, after);
			const rested =
				before !== undefined && epochMs + now() > before.lastSeenAtMs + before.idleTimeoutMs - restMarginMs;
			if (rested && after.lastSeenAtMs > before.lastSeenAtMs) revived.add(after.id);
			const reportedMs = Math.max(activity.get(after.id) ?? 0, after.createdAtMs);
			if (after.lastSeenAtMs > reportedMs)
				observer.violated('I7', `${repository} has activity of ${after.id} that nobody reported`);
		},
	};
}

export function observedLeases(leases: LeaseTable, witness: Witness): LeaseTable {
	return {
		...leases,
		acquire: async (instanceId, expiresAtMs) => {
			await leases.acquire(instanceId, expiresAtMs);
			witness.acquired(instanceId);
		},
		seal: async (instanceId, seenExpiresAtMs) => {
			const outcome = await leases.seal(instanceId, seenExpiresAtMs);
			if (outcome === 'sealed') witness.sealed(instanceId);
			return outcome;
		},
	};
}

export function observedRepository(repository: Repository, witness: Witness): Repository {
	return {
		...repository,
		merge: (id, propose, heldElsewhere) => {
			const merging = repository.merge(id, propose, heldElsewhere);
			void merging.then(
				(merged) => {
					if (merged.kind === 'stored' && merged.session !== undefined) witness.stored(repository.name, merged.session);
				},
				// The caller gets the error as well.
				() => undefined,
			);
			return merging;
		},
	};
}

export function observedMarkers(markers: Markers, witness: Witness): Markers {
	return {
		...markers,
		settle: async (id, missing, version) => {
			const outcome = await markers.settle(id, missing, version);
			if (outcome === 'settled') witness.settled(missing, id);
			return outcome;
		},
	};
}

/** A stub shows no attributes, so it may lack some. */
function holdsWhatItCan(record: Session, session: Session): boolean {
	const readers = isWhole(record) ? session : stubOf(session);
	return versionOf(merge(record, readers)) === versionOf(record);
}
