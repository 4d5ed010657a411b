import type { TokenDigest } from '../../access/token.ts';
import { announces } from '../../control-table/entry-id.ts';
import { withActivity } from '../../session/lifetime.ts';
import type { Ownership, SecretHash, Session, SessionId } from '../../session/session.ts';
import { unknownBytes } from '../../session/unknown-fields.ts';
import type { Instant } from '../../system/clock.ts';
import type { Metrics } from '../../system/metrics.ts';

/** A session in memory. */
export interface Copy {
	/** A frozen object, which is replaced as a whole when activity is recorded. */
	session: Session;
	/** Just before the bus was asked for it. Every change acknowledged by then is in the copy. */
	readonly loadedAt: Instant;
	/**
	 * Present if the copy came from a client: when the bus read it, by the bus's clock. Then the
	 * session is a stub.
	 */
	readonly knownAtMs?: number;
	/** The digests of its verified tokens, each with the hash of the token's secret. */
	readonly tokens: Map<TokenDigest, SecretHash>;
	/** The last changes by this instance that it has, by the names of their announcements. */
	readonly ownChanges: readonly string[];
}

/**
 * A load that is under way. It is spoiled if its session may have changed since it began. The
 * record of a spoiled load must not enter memory.
 */
export interface Load {
	readonly sessionId: SessionId;
	readonly begunAt: Instant;
	/** The changes by this instance that its answer has. Their announcements do not spoil it. */
	readonly ownChanges: readonly string[];
	/** The last use that became known since the load began. The answer may be from before it. */
	seenAtMs: number;
	spoiled: boolean;
}

/** The copies of sessions in an instance's memory, within a budget of bytes. */
export interface Copies {
	/** Finds the copy for a token that was verified before. Counts as use of the copy. */
	findByToken(digest: TokenDigest): Copy | undefined;
	find(sessionId: SessionId): Copy | undefined;
	/**
	 * Begins a load.
	 *
	 * @param change if the load is the answer to a change by this instance: the name under which the
	 * bus announces that
	 */
	beginLoad(sessionId: SessionId, now: Instant, change?: string): Load;
	/** Ends a load that has no record, or one that must not be kept. */
	abandon(load: Load): void;
	/**
	 * Ends a load, and keeps its record as the copy of the session. Returns `false`, and keeps
	 * nothing, if the load is spoiled or the record would take too much of the budget.
	 */
	insert(load: Load, session: Session): boolean;
	/**
	 * The same for the answer to a change by this instance. The copy that there was, and the answers
	 * of the session's other loads, may lack the change. So none of them stays or enters memory, even
	 * if this record is not kept.
	 */
	insertChanged(load: Load, session: Session): boolean;
	/** Keeps a copy that came from a client, under the same budget. */
	take(copy: Pick<Required<Copy>, 'session' | 'loadedAt' | 'knownAtMs'>): void;
	/** Remembers that a token was verified for a copy, so that `findByToken` finds the copy. */
	accept(sessionId: SessionId, digest: TokenDigest, secretHash: SecretHash): void;
	/**
	 * Clients may have been told that the session was used at `atMs`, and the repositories know it.
	 * So neither its copy nor the answer of a load under way may show earlier use (I13).
	 */
	seen(sessionId: SessionId, atMs: number): void;
	/** The bus has stored a new owner of the session. */
	owned(sessionId: SessionId, owner: Ownership): void;
	/** Discards a copy that may no longer be used, although its session has not changed. */
	discard(sessionId: SessionId): void;
	/** Drops the copy of a session that has changed, and spoils its loads (I1). */
	drop(sessionId: SessionId): void;
	/**
	 * The same for a session whose attributes have changed, as the entry `entryId` of the feed
	 * announces. A copy stays if it has no attributes, or if this instance made the change and the
	 * copy has it.
	 */
	dropChanged(sessionId: SessionId, entryId: string): void;
	/** Spoils every load, and keeps the copies. */
	spoilLoads(): void;
	/** Drops every copy, and spoils every load. */
	dropAll(): void;
	size(): CopiesSize;
}

export interface CopiesSize {
	readonly copies: number;
	readonly bytes: number;
	/** The copies that were evicted so far to make room for others. */
	readonly evictions: number;
}

/**
 * The most tokens for one session: the current one, and the previous one during its grace period.
 */
const tokensMax = 2;

/** With more changes between two syncs, the announcement of the first one drops the copy. */
const ownChangesMax = 8;
const noChanges: readonly string[] = Object.freeze([]);

/**
 * A larger part of the budget is not spent on one copy. Otherwise the sessions of one subject could
 * evict those of all others.
 */
const shareMax = 64;
/** A copy of this size is kept in any budget that has room for it. */
const smallBytes = 64 * 1024;

export function createCopies(bytesMax: number): Copies {
	const byToken = new Map<TokenDigest, Copy>();
	const loads = new Set<Load>();
	let evictions = 0;
	const copies = createByteBudget<SessionId, Copy>(bytesMax, (copy, evicted) => {
		if (evicted) evictions++;
		for (const digest of copy.tokens.keys()) byToken.delete(digest);
	});

	function spoilLoads(): void {
		for (const load of loads) load.spoiled = true;
	}

	function keep(copy: Copy): boolean {
		const { session } = copy;
		const bytes = bytesOf(session);
		if (bytes <= Math.max(bytesMax / shareMax, smallBytes)) return copies.set(session.id, copy, bytes);
		copies.delete(session.id);
		return false;
	}

	function spoilLoadsOf(sessionId: SessionId): void {
		for (const load of loads) if (load.sessionId === sessionId) load.spoiled = true;
	}

	function insert(load: Load, session: Session): boolean {
		loads.delete(load);
		if (load.spoiled) return false;
		return keep({ session, loadedAt: load.begunAt, tokens: new Map(), ownChanges: load.ownChanges });
	}

	function drop(sessionId: SessionId): void {
		spoilLoadsOf(sessionId);
		copies.delete(sessionId);
	}

	return {
		findByToken: (digest) => {
			const copy = byToken.get(digest);
			return copy === undefined ? undefined : copies.get(copy.session.id);
		},
		find: (sessionId) => copies.get(sessionId),
		beginLoad: (sessionId, begunAt, change) => {
			// Each change in the copy was acknowledged before this load, so the answer has it as well.
			const before = copies.get(sessionId)?.ownChanges ?? noChanges;
			const ownChanges = change === undefined ? before : [...before, change].slice(-ownChangesMax);
			const load = { sessionId, begunAt, ownChanges, seenAtMs: 0, spoiled: false };
			loads.add(load);
			return load;
		},
		abandon: (load) => {
			loads.delete(load);
		},
		insert,
		insertChanged: (load, session) => {
			loads.delete(load);
			drop(load.sessionId);
			return insert(load, session);
		},
		take: (copy) => void keep({ ...copy, tokens: new Map(), ownChanges: noChanges }),
		accept: (sessionId, digest, secretHash) => {
			const copy = copies.get(sessionId);
			if (copy === undefined) return;
			const [oldest] = copy.tokens.keys();
			if (copy.tokens.size >= tokensMax && oldest !== undefined && !copy.tokens.has(digest)) {
				copy.tokens.delete(oldest);
				byToken.delete(oldest);
			}
			copy.tokens.set(digest, secretHash);
			byToken.set(digest, copy);
		},
		seen: (sessionId, atMs) => {
			for (const load of loads) if (load.sessionId === sessionId && load.seenAtMs < atMs) load.seenAtMs = atMs;
			const copy = copies.get(sessionId);
			if (copy !== undefined) copy.session = withActivity(copy.session, atMs);
		},
		owned: (sessionId, owner) => {
			const copy = copies.get(sessionId);
			if (copy !== undefined && copy.session.owner.epoch < owner.epoch)
				copy.session = Object.freeze({ ...copy.session, owner });
		},
		discard: (sessionId) => copies.delete(sessionId),
		drop,
		dropChanged: (sessionId, entryId) => {
			const has = ({ ownChanges }: Copy | Load) => ownChanges.some((change) => announces(entryId, change, sessionId));
			for (const load of loads) if (load.sessionId === sessionId && !has(load)) load.spoiled = true;
			const copy = copies.get(sessionId);
			if (copy !== undefined && copy.knownAtMs === undefined && !has(copy)) copies.delete(sessionId);
		},
		spoilLoads,
		dropAll: () => {
			spoilLoads();
			copies.clear();
			byToken.clear();
		},
		size: () => ({ copies: copies.size(), bytes: copies.bytes(), evictions }),
	};
}

/**
 * The objects, map entries and token digests of one copy, as measured with 10,000 copies in one
 * heap.
 */
const copyBytes = 1_600;
const attributeBytes = 160;
const conditionalChangeBytes = 200;

/**
 * An upper estimate of the memory for a copy, in bytes. Strings may have two bytes per character.
 */
export function bytesOf(session: Session): number {
	let bytes = copyBytes + 2 * session.subject.length + 2 * unknownBytes(session);
	for (const scope of session.credential.scopes) bytes += 2 * scope.length;
	for (const [name, attribute] of Object.entries(session.attributes)) {
		bytes += attributeBytes + 2 * name.length;
		if ('value' in attribute && typeof attribute.value === 'string') bytes += 2 * attribute.value.length;
	}
	return bytes + conditionalChangeBytes * (session.conditionalChanges?.length ?? 0);
}

/** Samples an instance's memory for its metrics. Evictions are counted since the last sample. */
export function createCopiesSample(metrics: Metrics, size: () => CopiesSize): () => void {
	let evictionsBefore = 0;
	return () => {
		const { copies, evictions } = size();
		metrics.add('Copies', {}, copies);
		if (evictions > evictionsBefore) metrics.add('Evictions', {}, evictions - evictionsBefore);
		evictionsBefore = evictions;
	};
}

/** The most recently used values, within a budget of bytes. */
export interface ByteBudget<Key, Value> {
	/** Finds a value. Counts as use of the value. */
	get(key: Key): Value | undefined;
	/**
	 * Replaces the value of a key, and evicts the least recently used values to make room. If the
	 * value is larger than the whole budget, returns `false` and leaves the key without a value.
	 */
	set(key: Key, value: Value, bytes: number): boolean;
	delete(key: Key): void;
	clear(): void;
	/**
	 * A method, because V8 gives each object literal with accessors its own shape, and code that uses
	 * several shapes is slow.
	 */
	size(): number;
	bytes(): number;
}

/**
 * Creates an empty budget. A `Map` iterates in the order of insertion, so the least recently used
 * entry comes first. Libraries for this have many more features. The one that was used here before
 * was as large as the token check, the rules and the merge together.
 *
 * @param onRemoved called with every value that is removed, except by `clear`. `evicted` is true if
 * the value was removed to make room.
 */
export function createByteBudget<Key, Value>(
	bytesMax: number,
	onRemoved: (value: Value, evicted: boolean) => void,
): ByteBudget<Key, Value> {
	const entries = new Map<Key, { readonly value: Value; readonly bytes: number }>();
	let total = 0;

	function remove(key: Key, evicted: boolean): void {
		const entry = entries.get(key);
		if (entry === undefined) return;
		entries.delete(key);
		total -= entry.bytes;
		onRemoved(entry.value, evicted);
	}

	return {
		get: (key) => {
			const entry = entries.get(key);
			if (entry === undefined) return undefined;
			entries.delete(key);
			entries.set(key, entry);
			return entry.value;
		},
		set: (key, value, bytes) => {
			remove(key, false);
			if (bytes > bytesMax) return false;
			for (const [oldest] of entries) {
				if (total + bytes <= bytesMax) break;
				remove(oldest, true);
			}
			entries.set(key, { value, bytes });
			total += bytes;
			return true;
		},
		delete: (key) => remove(key, false),
		clear: () => {
			entries.clear();
			total = 0;
		},
		size: () => entries.size,
		bytes: () => total,
	};
}
