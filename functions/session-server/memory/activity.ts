import { claimedUse, withReportedUse } from '../../carried/carried-copy.ts';
import { touchIntervalMs, withActivity } from '../../session/lifetime.ts';
import type { SecretHash, Session, SessionId } from '../../session/session.ts';
import { createBoundedMap } from '../../system/bounded-map.ts';
import { elapsedMs, type Instant } from '../../system/clock.ts';
import { describeError } from '../../system/log.ts';
import { departureMs } from '../../system/time-budget.ts';
import type { AskBus } from '../bus-client.ts';
import type { InstanceContext } from '../context.ts';
import { nobody, type Waiting } from '../request.ts';
import type { Copies } from './copies.ts';
import type { KnownEnds } from './known-ends.ts';

/** The use of a session that this instance has seen and the repositories may not know. */
export interface Use {
	/** The repositories know the use until here, and possibly later use. */
	reportedMs: number;
	/**
	 * Use after that, in order, up to the last. The session was not idle for its whole timeout before
	 * the first of these, and between two of them. So each can be reported once those before it are.
	 */
	readonly laterMs: number[];
	/** Another instance has reported later use, as the client says. Until then no report is due. */
	putOffUntilMs?: number;
	readonly idleTimeoutMs: number;
	/** Of the token that the client presented last. */
	secretHash: SecretHash;
}

/** A session and the hash of the secret in the token that the client presented. */
export interface Used {
	readonly session: Session;
	readonly secretHash: SecretHash;
}

/**
 * The use of sessions that this instance knows of and the bus may not. It outlasts the copies: a
 * copy that leaves memory, for whatever reason, takes no use along. It travels with the next
 * message about the session.
 */
export interface Uses {
	/** The session was used at `atMs`. Undefined if the repositories know of later use. */
	add(used: Used, atMs: number): Use | undefined;
	/** The fields of a report, if there is use to report. */
	toReport(sessionId: SessionId): { readonly seenAtMs: number; readonly secretHash: SecretHash } | undefined;
	/** The field that a message about the session carries. */
	carried(sessionId: SessionId): { readonly seenAtMs?: number };
	/** `session` from the bus, with everything that this instance knows of its use. */
	join(session: Session): Session;
	/** The repositories know the use until `reportedMs`. */
	reported(sessionId: SessionId, reportedMs: number): void;
	/**
	 * The bus says that the session has ended, so there is nothing to report. A repository that
	 * missed the end may answer next, and must not set the use back.
	 */
	ended(sessionId: SessionId): void;
	/**
	 * If more than `usesMax` are known, the one that waits longest. It should be reported now: of
	 * twice as many, the oldest is forgotten.
	 */
	tooMany(): SessionId | undefined;
}

/** More than the copies of an instance. Each takes some 200 bytes. */
const usesMax = 20_000;

export function createUses(): Uses {
	const uses = new Map<SessionId, Use>();
	// The latest use that the bus has told or that need not be reported. A repository that missed a
	// report may answer next, and must not set the use back.
	const told = createBoundedMap<SessionId, number>(usesMax);

	function remember(sessionId: SessionId, atMs: number): void {
		if (atMs > (told.get(sessionId) ?? 0)) told.set(sessionId, atMs);
	}

	return {
		add: ({ session, secretHash }, atMs) => {
			const use = uses.get(session.id);
			if (use !== undefined) {
				use.secretHash = secretHash;
				extend(use, atMs);
				return use;
			}
			if (atMs <= session.lastSeenAtMs) return undefined;
			const { id, lastSeenAtMs: reportedMs, idleTimeoutMs } = session;
			const first = { reportedMs, laterMs: [atMs], idleTimeoutMs, secretHash };
			uses.set(id, first);
			const [oldest] = uses.size > 2 * usesMax ? uses.keys() : [];
			if (oldest !== undefined) uses.delete(oldest);
			return first;
		},
		toReport: (sessionId) => {
			const use = uses.get(sessionId);
			return use && { seenAtMs: nextReportMs(use), secretHash: use.secretHash };
		},
		carried: (sessionId) => {
			const use = uses.get(sessionId);
			return use === undefined ? {} : { seenAtMs: nextReportMs(use) };
		},
		join: (session) => {
			const use = uses.get(session.id);
			const toldMs = told.get(session.id) ?? 0;
			// The bus knew of that use, so it may follow use that this repository missed as well.
			const known = toldMs > session.lastSeenAtMs ? Object.freeze({ ...session, lastSeenAtMs: toldMs }) : session;
			return use === undefined ? known : use.laterMs.reduce(withActivity, known);
		},
		reported: (sessionId, reportedMs) => {
			remember(sessionId, reportedMs);
			const use = uses.get(sessionId);
			if (use === undefined || reportedMs <= use.reportedMs) return;
			use.reportedMs = reportedMs;
			const reported = use.laterMs.findLastIndex((atMs) => atMs <= reportedMs) + 1;
			use.laterMs.splice(0, reported);
			if (use.laterMs.length === 0) uses.delete(sessionId);
		},
		ended: (sessionId) => {
			for (const atMs of uses.get(sessionId)?.laterMs ?? []) remember(sessionId, atMs);
			uses.delete(sessionId);
		},
		tooMany: () => {
			if (uses.size <= usesMax) return undefined;
			const [oldest] = uses.keys();
			return oldest;
		},
	};
}

/** Adds the latest use. It takes the place of one that is not needed to reach it. */
function extend({ reportedMs, laterMs, idleTimeoutMs }: Use, atMs: number): void {
	const [before = reportedMs, last = reportedMs] = [laterMs.at(-2), laterMs.at(-1)];
	if (atMs <= last) return;
	if (atMs < before + idleTimeoutMs) laterMs.pop();
	laterMs.push(atMs);
}

/**
 * The bus does not believe use after the idle expiry that it knows. So if reports failed for long,
 * the first use is reported before the last.
 */
function nextReportMs({ reportedMs, laterMs }: Use): number {
	return laterMs[0] ?? reportedMs;
}

/**
 * Records that a session was used at `atMs`. The use is kept while the instance lives,
 * and travels with the next message about the session. If a report to the bus is due, it begins,
 * and nobody waits for its answer.
 *
 * @param carrying present if the client carries a copy. The report then brings the text that the
 * client is to carry next, if the answer can take it. If much of the life of its copy is over, that
 * is a new copy. Otherwise it is the same one with a note of the report. An instance that meets the
 * text does not report again until the interval has passed since. A client that lies about it loses
 * its own use alone.
 * @returns if a report has begun, a promise that the caller awaits before it answers. It resolves
 * when the operating system has the whole message, so the message arrives even if the environment
 * freezes with the answer. It resolves without that if the message could not be sent within
 * `departureMs`; the next use reports again. If the client is to get a new copy, it resolves with
 * that, or without one after `renewalMs`.
 */
export type RecordActivity = (used: Used, atMs: number, carrying?: Carrying) => Promise<string | undefined> | undefined;

export interface Carrying {
	/** The request, which may wait for the answer of a report. */
	readonly calls: Waiting;
	/** The copy that its client presented, unchecked. */
	readonly text: string;
	/** Whether the answer can bring its client what it is to carry next. */
	readonly takesCopy: boolean;
}

/** Activity of copies advances in steps of this length, so most requests make no new object. */
const stepMs = 1_000;

/**
 * The part of the life of a carried copy after which the client waits for a new one. Five minutes,
 * if the session's idle life is not shorter than the copy's. For as long as the other two thirds
 * last, the client does without the bus.
 */
const renewalPart = 1 / 3;

/** A report takes some 30 ms. If the bus is slow, the client gets its copy with another request. */
const renewalMs = 300;

/** While reports fail, no request waits for the answer of one. */
const noRenewalMs = 10_000;

/** The time between two repeated reports, if no use of their sessions repeats them before. */
const repeatAfterMs = 5_000;

export function createActivity(
	instance: Pick<InstanceContext, 'clock' | 'log' | 'timing'> & {
		readonly askBus: AskBus;
		readonly copies: Copies;
		readonly ends: Pick<KnownEnds, 'add'>;
		readonly uses: Uses;
	},
): RecordActivity {
	const { askBus, clock, copies, ends, log, timing, uses } = instance;
	/** The sessions for which a report is under way. */
	const reporting = new Set<SessionId>();
	/** The sessions whose last report failed. */
	const failed = new Set<SessionId>();
	let repeatedAt: Instant | undefined;
	let failedAt: Instant | undefined;

	/** Returns the new copy for the client, if the answer has one. */
	async function report(
		calls: Waiting,
		sessionId: SessionId,
		departed: (seenAtMs: number) => void,
	): Promise<string | undefined> {
		const use = uses.toReport(sessionId);
		failed.delete(sessionId);
		if (use === undefined) return undefined;
		const answer = await askBus(calls, 'touch', { sessionId, ...use }, undefined, () => departed(use.seenAtMs));
		failedAt = answer.kind === 'unavailable' ? clock.now() : undefined;
		if (answer.kind === 'found') {
			uses.reported(sessionId, answer.session.lastSeenAtMs);
			copies.seen(sessionId, answer.session.lastSeenAtMs);
			return answer.carried;
		}
		if (answer.kind === 'unavailable') failed.add(sessionId);
		else {
			copies.drop(sessionId);
			uses.ended(sessionId);
			if (answer.kind === 'revoked') ends.add(sessionId, clock.now().wallMs);
		}
		return undefined;
	}

	/** @param isAged whether the client is to get a new copy */
	function begin(sessionId: SessionId, carrying?: Carrying, isAged = false): Promise<string | undefined> {
		reporting.add(sessionId);
		const given = failedJustNow() ? undefined : carrying;
		const renews = given !== undefined && isAged;
		return new Promise((resolve) => {
			const giveUp = () => resolve(undefined);
			const departed = (seenAtMs: number) => {
				if (!renews) resolve(given && withReportedUse(given.text, seenAtMs));
			};
			report(renews ? given.calls : nobody(), sessionId, departed)
				.then(
					// The session of another client may be reported with this request.
					(copy) => resolve(given === undefined ? undefined : copy),
					(error) => log('error', 'activity could not be reported', describeError(error)),
				)
				.finally(() => {
					reporting.delete(sessionId);
					giveUp();
				});
			void clock.delay(renews ? renewalMs : departureMs).then(giveUp);
		});
	}

	function failedJustNow(): boolean {
		return failedAt !== undefined && elapsedMs(failedAt, clock.now()) < noRenewalMs;
	}

	/** A session whose use should be reported with this request, though another one is used. */
	function findOverdue(): SessionId | undefined {
		const tooMany = uses.tooMany();
		if (tooMany !== undefined || failed.size === 0) return tooMany;
		const now = clock.now();
		if (repeatedAt !== undefined && elapsedMs(repeatedAt, now) < repeatAfterMs) return undefined;
		repeatedAt = now;
		const [first] = failed;
		return first;
	}

	/** Whether nobody has reported the session's use for the interval. */
	function isDue(use: Use, session: Session, atMs: number, text: string | undefined): boolean {
		const intervalMs = touchIntervalMs(session, timing);
		if (atMs - use.reportedMs <= intervalMs || atMs <= (use.putOffUntilMs ?? 0)) return false;
		const claimedMs = text === undefined ? undefined : claimedUse(text, session.id)?.reportedMs;
		// Use in the future is a lie, or a clock that is wrong.
		if (claimedMs === undefined || claimedMs > atMs + timing.skewMs || atMs - claimedMs > intervalMs) return true;
		use.putOffUntilMs = claimedMs + intervalMs;
		return false;
	}

	/** Whether so much of the life of the client's copy is over that it needs a new one. */
	function isAged(session: Session, atMs: number, text: string): boolean {
		const lifeMs = Math.min(timing.carriedAgeMs, session.idleTimeoutMs);
		return atMs - (claimedUse(text, session.id)?.lastSeenAtMs ?? 0) > lifeMs * renewalPart;
	}

	return (used, atMs, carrying) => {
		const { session } = used;
		const use = uses.add(used, atMs);
		const copy = copies.find(session.id);
		if (copy !== undefined && atMs - copy.session.lastSeenAtMs >= stepMs)
			copy.session = withActivity(copy.session, atMs);
		const due = use !== undefined && isDue(use, session, atMs, carrying?.text) ? session.id : findOverdue();
		if (due === undefined || reporting.has(due)) return undefined;
		if (due !== session.id || carrying?.takesCopy !== true) return begin(due);
		return begin(due, carrying, isAged(session, atMs, carrying.text));
	};
}
