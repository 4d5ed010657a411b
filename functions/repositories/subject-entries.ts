import * as v from 'valibot';
import { digestSchema, revocationReasonSchema, sessionIdSchema, timeMs } from '../session/session-schema.ts';
import { type SubjectEntry, subjectEntriesMax, type UsedToken, usedTokensMax } from './subject-index.ts';

/**
 * Must be raised with any change that makes entries unreadable to the previous version of
 * Leasehold. A field that is added does not need that: a version that does not know it keeps it.
 */
const schema = 1;

const entriesSchema = v.looseObject({
	schema: v.literal(schema),
	entries: v.pipe(
		v.array(
			v.looseObject({
				id: sessionIdSchema,
				createdAtMs: timeMs,
				expiresAtMs: timeMs,
				ending: v.exactOptional(revocationReasonSchema),
			}),
		),
		v.maxLength(subjectEntriesMax),
	),
});

/** A subject's entries, and the fields beside them that this version does not know. */
export interface Entries {
	readonly entries: readonly SubjectEntry[];
	readonly unknown: Readonly<Record<string, unknown>>;
}

/** Encodes a subject's entries as the index stores them. */
export function encodeEntries({ entries, unknown }: Entries): string {
	return JSON.stringify({ ...unknown, schema, entries });
}

/** @throws when this version of Leasehold cannot read the text. */
export function decodeEntries(text: string): Entries {
	const { schema: _, entries, ...unknown } = v.parse(entriesSchema, JSON.parse(text));
	return { entries, unknown };
}

/**
 * Whether a later version of Leasehold wrote the text. Such entries must survive a rollback to this
 * version, so they are not moved aside.
 */
export function areOfLaterSchema(text: string): boolean {
	try {
		return v.is(laterSchema, JSON.parse(text));
	} catch {
		return false;
	}
}

const laterSchema = v.object({ schema: v.pipe(v.number(), v.integer(), v.gtValue(schema)) });

/**
 * Used ID tokens are beside the entries, in another attribute. So a version of Leasehold that does
 * not know them can read the entries.
 */
const usedSchema = v.pipe(
	v.array(v.looseObject({ digest: digestSchema, sessionId: sessionIdSchema, expiresAtMs: timeMs })),
	v.maxLength(usedTokensMax),
);

export function encodeUsed(used: readonly UsedToken[]): string {
	return JSON.stringify(used);
}

/** @throws when this version of Leasehold cannot read the text. */
export function decodeUsed(text: string): readonly UsedToken[] {
	return v.parse(usedSchema, JSON.parse(text));
}
