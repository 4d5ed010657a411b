import { farClock } from '../../../functions/bus/operations/new-session.ts';
import type { Session } from '../../../functions/session/session.ts';
import { isWhole } from '../../../functions/session/stub.ts';
import { versionOf } from '../../../functions/session/version.ts';
import type { Timeouts } from '../../../functions/session-server/deployment/timeouts.ts';
import type { Evidence } from '../../../functions/session-server/finding/evidence.ts';
import type { Node } from '../engine/node.ts';
import { epochMs } from '../engine/schedule.ts';
import type { Clocks } from '../faults/plan.ts';
import { given, timing } from '../world/settings.ts';
import { attributeNames, outdatedBy, type SessionHistory, shownValue } from './history.ts';
import type { Witness } from './witness.ts';

/** A server's answer that lets the client in or shows the session. */
export interface Allowed {
	readonly history: SessionHistory;
	readonly session: Session;
	readonly evidence: Evidence;
	readonly strict: boolean;
	/** The true time at which the request reached the server. `at` is when the server answered. */
	readonly arrivedAt: number;
	readonly at: number;
}

/** Compares answers with everything that clients were told before. */
export interface Judge {
	allowed(answer: Allowed): void;
	/** A process let the session in or changed it. The use counts from `at`. */
	used(history: SessionHistory, by: Node, at: number): void;
	/**
	 * A process showed `session` to its client. `before` is the last use that it had shown when the
	 * request arrived.
	 */
	shown(history: SessionHistory, by: Node, session: Session, before: number): void;
	/**
	 * The answer at `at` refused a session whose login was acknowledged. `code` says why.
	 */
	refused(history: SessionHistory, code: string, arrivedAt: number, at: number, by?: Node, evidence?: Evidence): void;
	/** A change was acknowledged that was to be made only if the session still had this version. */
	changed(history: SessionHistory, version: string): void;
	/** A request that reached a server at `arrivedAt` was answered 503. */
	unavailable(what: string, arrivedAt: number): void;
	/** A request was answered 500, because of `error`. */
	failed(what: string, error: unknown): void;
	/** `asker` asked for a list at `askedAt`, which shows the sessions `shown`. */
	listed(shown: readonly SessionHistory[], asker: SessionHistory, askedAt: number): void;
	/** A login that reached a server at `begunAt` gave `session` the attributes of `former`. */
	inherited(former: SessionHistory, session: Session, begunAt: number): void;
	evidence(evidence: Evidence, session: Session, arrivedAt: number): void;
}

function isWithoutBus({ source }: Evidence): boolean {
	return source === 'memory' || source === 'carried';
}

/** True times are compared with times of clocks that count whole milliseconds. */
const roundingMs = 2;

/** A sync reads the feed, renews the lease when that is due, and proves it when that is wanted. */
const callsOfSyncMax = 3;
/** In a new life, a sync also acquires the lease and reads the feed again. A request meets one. */
const callsForNewLifeMax = 2;
/**
 * A request waits for a sync to use memory, and for another one to hold a lease before it adopts.
 */
const syncsMax = 2;
/** The owner's lease is read and sealed. After that, the instance remembers its standing. */
const callsForOwnerMax = 2;
/** The bus is asked again if the session changed meanwhile, or if the answer came too late. */
const loadsMax = 3;
/** If a record is forged, the records are looked at, and the bus is asked without that one. */
const callsForForgedMax = 2;
/**
 * The key of a carried copy is looked up, the feed is read back, and a report is waited for because
 * its answer has a new copy.
 */
const callsForCarriedMax = 3;
/** A list takes one more call to the bus, which may meet a forged record as well. */
const callsForListMax = 1 + callsForForgedMax;

/** As long as the report of activity takes. */
const deliveredWithinMs = 500;
/** When this is over, calls that met a fault have been given up and circuits have closed. */
const recoveredWithinMs = 10_000;

/**
 * The most remote calls of a decision, a view or a list (I11). Further calls would need several
 * rare events in one request, such as a lease that is renewed between the look and the seal.
 */
export const remoteCallsMax =
	syncsMax * callsOfSyncMax +
	callsForNewLifeMax +
	callsForOwnerMax +
	loadsMax +
	callsForForgedMax +
	callsForCarriedMax +
	callsForListMax;

/**
 * @param clocks if they are `wild`, only some promises hold (I12)
 * @param isCalmSince whether nothing has been at fault since then
 */
export function createJudge(
	witness: Witness,
	timeouts: Timeouts,
	clocks: Clocks,
	isCalmSince: (sinceMs: number) => boolean = () => false,
): Judge {
	const clocksAgree = clocks !== 'wild';
	/** A process measures with its own clock, which may be set back within the margin. */
	const ownClockMs = clocks === 'steady' ? roundingMs : timing.skewMs;
	const { truth } = witness;
	let judged = 0;

	function checkRevocation({ history, strict, arrivedAt, at, evidence }: Allowed): void {
		const { loggedOutAt, confirmedAt, id } = history;
		const refusedAt = history.refusedAt.get(evidence.instanceId);
		if (refusedAt !== undefined && arrivedAt > refusedAt)
			witness.violated('I1', `${evidence.instanceId} allowed ${id} after it had refused it (${evidence.source})`);
		if (loggedOutAt !== undefined && !strict && at > loggedOutAt + timing.maxStalenessMs + roundingMs)
			witness.violated(
				'I1',
				`${id} was allowed ${Math.round(at - loggedOutAt)} ms after its logout (${evidence.source})`,
			);
		if (loggedOutAt !== undefined && strict && arrivedAt > loggedOutAt)
			witness.violated('I1', `a strict service allowed ${id}, logged out before (${evidence.source})`);
		if (confirmedAt !== undefined && arrivedAt > confirmedAt)
			witness.violated('I1', `${id} was allowed after its logout was confirmed everywhere (${evidence.source})`);
	}

	function checkLife({ history, at, evidence }: Allowed): void {
		const { id, establishedAt } = history;
		const lastUsedAt = Math.max(history.lastUsedAt, truth.lastReportAt(id));
		if (at > establishedAt + timeouts.absoluteMs + timing.skewMs)
			witness.violated('I7', `${id} was allowed beyond its age limit (${evidence.source})`);
		if (at > lastUsedAt + timeouts.idleMs + timing.skewMs)
			witness.violated('I7', `${id} was allowed unused for ${Math.round(at - lastUsedAt)} ms (${evidence.source})`);
	}

	/** A stub is enough to decide with, and shows no attributes. */
	function checkAttributes({ history, session, strict, arrivedAt, at, evidence }: Allowed): void {
		if (!isWhole(session)) return;
		const { origin } = session.attributes;
		if (origin === undefined || !('value' in origin) || !history.origins.includes(String(origin.value)))
			witness.violated('I2', `${history.id} lost the attribute with which it began (${evidence.source})`);
		for (const name of attributeNames) {
			const value = shownValue(session, name);
			const write = strict
				? outdatedBy(history, name, value, arrivedAt, 0)
				: outdatedBy(history, name, value, at, timing.maxStalenessMs + roundingMs);
			if (write !== undefined)
				witness.violated(
					'I2',
					`${history.id} showed ${name} ${value} after ${write.value} was acknowledged (${evidence.source})`,
				);
		}
	}

	/** Nobody is taken for somebody else, or for more than a login said, whatever a store says. */
	function checkLogin({ id, subject }: SessionHistory, { credential, ...session }: Session): void {
		const { assuranceLevel, scopes } = credential;
		if (session.subject !== subject || assuranceLevel !== given.assuranceLevel || scopes.join() !== given.scopes.join())
			witness.violated(
				'I16',
				`${id} of ${subject} was taken for ${session.subject}, ${scopes}, level ${assuranceLevel}`,
			);
	}

	/** A session is refused as idle only if it was not used for its whole idle timeout (I13). */
	function checkIdle({ id, known, isOnTheBrink }: SessionHistory, arrivedAt: number, at: number, by: Node): void {
		if (isOnTheBrink) return;
		const own = known.get(by);
		if (own !== undefined && own.usedAt < arrivedAt && at < own.usedAt + timeouts.idleMs - ownClockMs)
			witness.violated(
				'I13',
				`${by.name} called ${id} idle, ${Math.round(at - own.usedAt)} ms after it answered a use`,
			);
		// Another process knows what was reported by the time of the request. Reports are this far
		// apart.
		const lagMs = timing.touchIntervalMs + timing.skewMs + deliveredWithinMs;
		for (const [{ name }, { usedAt }] of known) {
			if (usedAt + deliveredWithinMs > arrivedAt) continue;
			if (at < usedAt + timeouts.idleMs - lagMs && isCalmSince(usedAt - recoveredWithinMs))
				witness.violated('I13', `${by.name} called ${id} idle, ${Math.round(at - usedAt)} ms after its use at ${name}`);
		}
	}

	function checkLease({ lease, instanceId }: Evidence, arrivedAt: number): void {
		if (lease === undefined || !clocksAgree) return;
		const since = truth.sealedSince(lease.instanceId);
		if (lease.standing === 'sealed' && !truth.isSealed(lease.instanceId))
			witness.violated('I10', `${instanceId} says that ${lease.instanceId} is sealed, and it is not`);
		if (lease.standing === 'alive' && since !== undefined && since < arrivedAt)
			witness.violated('I10', `${instanceId} says that ${lease.instanceId} is alive, and it was sealed before`);
	}

	/** A copy in memory may name an owner whose record was lost when a repository was set back. */
	function wasOwner(id: Session['id'], { owner }: Evidence): boolean {
		return (['dynamodb', 's3'] as const).some((name) =>
			truth
				.everHeld(name, id)
				.some((held) => held.owner.epoch === owner.epoch && held.owner.instanceId === owner.instanceId),
		);
	}

	/** A copy that a client carries says what was so when a bus read it, and is not too old. */
	function checkKnownAt(evidence: Evidence, session: Session, arrivedAt: number): void {
		const { source, knownAtMs, receipt, instanceId } = evidence;
		if ((source === 'carried') !== (knownAtMs !== undefined) && source !== 'memory')
			witness.violated('I10', `${instanceId} decided from ${source}, known at ${knownAtMs}`);
		if (source === 'carried' && (receipt === undefined || receipt.degraded || receipt.doubtful))
			witness.violated('I10', `${instanceId} used a copy of ${session.id} that nobody vouched for`);
		if (!isWhole(session) && knownAtMs === undefined)
			witness.violated('I2', `${instanceId} took a stub of ${session.id} for the session (${source})`);
		const ageMs = epochMs + arrivedAt - (knownAtMs ?? epochMs + arrivedAt);
		if (clocksAgree && ageMs > timing.carriedAgeMs + timing.skewMs + roundingMs)
			witness.violated('I15', `${instanceId} used a copy of ${session.id} that a client had for ${ageMs} ms`);
	}

	function checkReceipt({ receipt, instanceId }: Evidence, session: Session): void {
		if (receipt?.chosen === undefined || receipt.version === undefined) return;
		const found = receipt.asked.filter(({ outcome }) => outcome === 'found' || outcome === 'stored');
		if (found.length !== 1) return;
		const { version } = receipt;
		if (truth.everHeld(receipt.chosen, session.id).findLast((state) => versionOf(state) === version) === undefined)
			witness.violated('I10', `${instanceId} says that ${receipt.chosen} held version ${version} of ${session.id}`);
	}

	return {
		allowed: (answer) => {
			const { evidence, history, session } = answer;
			if (clocksAgree) {
				if (!truth.hasReliedOnA3(history.id)) {
					checkRevocation(answer);
					checkAttributes(answer);
				}
				checkLife(answer);
				if (isWithoutBus(evidence) && truth.isSealed(evidence.instanceId))
					witness.violated('I4', `${evidence.instanceId} answered from ${evidence.source}, sealed`);
			}
			if (session.id !== history.id) witness.violated('I10', `${history.id} was answered with ${session.id}`);
			checkLogin(history, session);
		},
		used: ({ known }, by, at) => {
			const before = known.get(by);
			if (before === undefined) known.set(by, { usedAt: at, shownMs: 0 });
			else before.usedAt = Math.max(before.usedAt, at);
		},
		shown: (history, by, session, before) => {
			checkLogin(history, session);
			if (!isWhole(session)) witness.violated('I2', `${by.name} showed ${history.id} without its attributes`);
			const { id, known } = history;
			const { lastSeenAtMs } = session;
			if (clocksAgree && lastSeenAtMs < before)
				witness.violated('I13', `${by.name} set the last use of ${id} back by ${before - lastSeenAtMs} ms`);
			const own = known.get(by);
			if (own === undefined) known.set(by, { usedAt: Number.NEGATIVE_INFINITY, shownMs: lastSeenAtMs });
			else own.shownMs = Math.max(own.shownMs, lastSeenAtMs);
		},
		unavailable: (what, arrivedAt) => {
			if (clocksAgree && isCalmSince(arrivedAt - recoveredWithinMs))
				witness.violated('liveness', `${what}, and nothing was at fault`);
		},
		failed: (what, error) => {
			// The bus takes no login from a server whose clock is minutes off.
			if (clocksAgree || !String(error).includes(farClock)) witness.violated('liveness', `${what} failed: ${error}`);
		},
		refused: (history, code, arrivedAt, at, by, evidence) => {
			if (clocksAgree && code === 'session_expired_idle' && by !== undefined) checkIdle(history, arrivedAt, at, by);
			if (code === 'session_revoked' && evidence !== undefined && history.loggedOutAt !== undefined)
				if (!history.refusedAt.has(evidence.instanceId)) history.refusedAt.set(evidence.instanceId, at);
			if (code === 'session_unknown' || code === 'session_malformed')
				witness.violated('I8', `${history.id} was answered with ${code}`);
			if (code === 'session_revoked' && history.logoutBegunAt === undefined && !history.mayBeEnded())
				witness.violated('I2', `${history.id} was said to be revoked, and nobody had ended it`);
			// The bus asks every repository before it says so, and an instance uses no older answer.
			const idleFrom = truth.idleFrom(history.id, arrivedAt - timing.maxStalenessMs);
			if (clocksAgree && code === 'session_expired_idle' && epochMs + at + timing.skewMs < (idleFrom ?? 0))
				witness.violated('I13', `${history.id} was said to be unused, and every repository knows of its use`);
			const age = at - history.createdAt;
			if (clocksAgree && code === 'session_expired_absolute' && age < timeouts.absoluteMs - timing.skewMs)
				witness.violated('I2', `${history.id} was said to have reached its age limit after ${Math.round(age)} ms`);
		},
		changed: ({ id, changedVersions }, version) => {
			if (changedVersions.has(version) && truth.isChangedEverywhere(id, version))
				witness.violated('I2', `two changes of ${id} were acknowledged that both saw version ${version}`);
			changedVersions.add(version);
		},
		listed: (shown, asker, askedAt) => {
			if (!shown.includes(asker)) witness.violated('I8', `the list of ${asker.id} is without it`);
			for (const { id, subject, loggedOutAt } of shown) {
				if (subject !== asker.subject) witness.violated('I10', `${asker.subject} was shown ${id}, which is another's`);
				if (clocksAgree && loggedOutAt !== undefined && askedAt > loggedOutAt)
					witness.violated('I1', `the list of ${asker.id} shows ${id}, logged out before`);
			}
		},
		inherited: (former, session, begunAt) => {
			for (const attribute of clocksAgree ? attributeNames : []) {
				const outdated = outdatedBy(former, attribute, shownValue(session, attribute), begunAt, 0);
				if (outdated !== undefined)
					witness.violated('I2', `${session.id} has not the ${attribute} ${outdated.value} of ${former.id}`);
			}
		},
		evidence: (evidence, session, arrivedAt) => {
			checkLease(evidence, arrivedAt);
			if (
				truth.ownerIn(session.id, evidence.owner.epoch) !== evidence.owner.instanceId &&
				!wasOwner(session.id, evidence)
			)
				witness.violated(
					'I10',
					`${session.id} never had owner ${evidence.owner.instanceId} in epoch ${evidence.owner.epoch}`,
				);
			if (evidence.source === 'failover' && !truth.isSealed(evidence.owner.instanceId))
				witness.violated('I5', `${session.id} was recovered from ${evidence.owner.instanceId}, which is not sealed`);
			if (evidence.remoteCalls > remoteCallsMax)
				witness.violated('I11', `a request for ${session.id} made ${evidence.remoteCalls} remote calls`);
			if (evidence.source === 'memory' && evidence.receipt !== undefined)
				witness.violated('I10', 'an answer from memory has a receipt');
			checkKnownAt(evidence, session, arrivedAt);
			if (judged++ % 4 === 0) checkReceipt(evidence, session);
		},
	};
}
