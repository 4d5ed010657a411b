import type { TokenDigest } from '../../access/token.ts';
import type { SecretHash, Session, SessionId } from '../../session/session.ts';
import type { Instant } from '../../system/clock.ts';
import type { Metrics } from '../../system/metrics.ts';

/** A session in memory. */
export interface Copy {
	/** Frozen; replaced as a whole when activity is recorded. */
	session: Session;
	/** The moment before it was asked for: every change acknowledged by then is in it. */
	readonly loadedAt: Instant;
	/** Activity that the repositories know of. */
	reportedSeenAtMs: number;
	/** Digests of the tokens that were verified for it, each with the hash of its secret. */
	readonly tokens: Map<TokenDigest, SecretHash>;
}

/** A load under way. Spoiled when its session may have changed since it began: its record must not enter memory. */
export interface Load {
	readonly sessionId: SessionId;
	readonly begunAt: Instant;
	spoiled: boolean;
}

/** The copies that an instance holds, within a budget of bytes. */
export interface Copies {
	/** The copy for a token that was verified before. Counts as use. */
	findByToken(digest: TokenDigest): Copy | undefined;
	find(sessionId: SessionId): Copy | undefined;
	beginLoad(sessionId: SessionId, now: Instant): Load;
	/** Ends a load without a record. */
	abandon(load: Load): void;
	/** Ends a load with its record; `false` when it was spoiled or does not fit, and memory stays without it. */
	insert(load: Load, session: Session): boolean;
	/** Remembers that a token was verified for a copy. */
	accept(sessionId: SessionId, digest: TokenDigest, secretHash: SecretHash): void;
	/** The session changed: no copy of it, nor a load under way, may be used any longer (I1). */
	drop(sessionId: SessionId): void;
	dropAll(): void;
	size(): CopiesSize;
}

export interface CopiesSize {
	readonly copies: number;
	readonly bytes: number;
	readonly evictions: number;
}

/** Tokens remembered for one session: the current one, the one before in its grace, and no more. */
const tokensMax = 2;

export function createCopies(bytesMax: number): Copies {
	const byToken = new Map<TokenDigest, Copy>();
	const loads = new Set<Load>();
	let evictions = 0;
	const copies = createByteBudget<SessionId, Copy>(bytesMax, (copy, evicted) => {
		if (evicted) evictions++;
		for (const digest of copy.tokens.keys()) byToken.delete(digest);
	});

	return {
		findByToken: (digest) => {
			const copy = byToken.get(digest);
			return copy === undefined ? undefined : copies.get(copy.session.id);
		},
		find: (sessionId) => copies.get(sessionId),
		beginLoad: (sessionId, begunAt) => {
			const load = { sessionId, begunAt, spoiled: false };
			loads.add(load);
			return load;
		},
		abandon: (load) => {
			loads.delete(load);
		},
		insert: (load, session) => {
			loads.delete(load);
			if (load.spoiled) return false;
			const copy: Copy = {
				session,
				loadedAt: load.begunAt,
				reportedSeenAtMs: session.lastSeenAtMs,
				tokens: new Map(),
			};
			return copies.set(session.id, copy, bytesOf(session));
		},
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
		drop: (sessionId) => {
			for (const load of loads) if (load.sessionId === sessionId) load.spoiled = true;
			copies.delete(sessionId);
		},
		dropAll: () => {
			for (const load of loads) load.spoiled = true;
			copies.clear();
			byToken.clear();
		},
		size: () => ({ copies: copies.size(), bytes: copies.bytes(), evictions }),
	};
}

/** Of the objects, map entries and token digests that a copy consists of, measured with 10,000 copies in one heap. */
const copyBytes = 1_600;
const attributeBytes = 160;

/** What a copy takes in memory, on the high side: strings may take two bytes a character. */
export function bytesOf(session: Session): number {
	let bytes = copyBytes + 2 * session.subject.length;
	for (const scope of session.credential.scopes) bytes += 2 * scope.length;
	for (const [name, attribute] of Object.entries(session.attributes)) {
		bytes += attributeBytes + 2 * name.length;
		if ('value' in attribute && typeof attribute.value === 'string') bytes += 2 * attribute.value.length;
	}
	return bytes;
}

/** Samples an instance's memory for its metrics: evictions are counted since the last sample. */
export function createCopiesSample(metrics: Metrics, size: () => CopiesSize): () => void {
	let evictionsBefore = 0;
	return () => {
		const { copies, evictions } = size();
		metrics.add('Copies', {}, copies);
		if (evictions > evictionsBefore) metrics.add('Evictions', {}, evictions - evictionsBefore);
		evictionsBefore = evictions;
	};
}

/** What was used last, within a budget of bytes; what was used least recently leaves first. */
export interface ByteBudget<Key, Value> {
	/** Counts as use. */
	get(key: Key): Value | undefined;
	/** Puts a value in place of the one that was there; `false` when it is larger than the whole budget, and then none is there. */
	set(key: Key, value: Value, bytes: number): boolean;
	delete(key: Key): void;
	clear(): void;
	/** Not an accessor: an object literal with accessors gets a shape of its own each time, and whatever uses several is slow. */
	size(): number;
	bytes(): number;
}

/**
 * A map keeps its entries in the order in which they came, so that the least recently used is the first. Libraries do the
 * same with more features: the one that was here weighed as much as the token check, the rules and the merge together.
 *
 * @param onRemoved called with every value that leaves, except by `clear`; `evicted` says that it left for want of room.
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
