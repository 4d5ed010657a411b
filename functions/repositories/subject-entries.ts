import * as v from 'valibot';
import { digestSchema, revocationSchema, sessionIdSchema, timeMs } from '../session/session-schema.ts';
import { type SubjectEntry, subjectEntriesMax, type UsedToken, usedTokensMax } from './subject-index.ts';

/**
 * Must be raised with any change that makes entries unreadable to the previous version of
 * Leasehold.
 */
const schema = 1;

const entriesSchema = v.strictObject({
	schema: v.literal(schema),
	entries: v.pipe(
		v.array(
			v.strictObject({
				id: sessionIdSchema,
				createdAtMs: timeMs,
				expiresAtMs: timeMs,
				ending: v.exactOptional(revocationSchema.entries.reason),
			}),
		),
		v.maxLength(subjectEntriesMax),
	),
});

/** Encodes a subject's entries as the index stores them. */
export function encodeEntries(entries: readonly SubjectEntry[]): string {
	return JSON.stringify({ schema, entries });
}

/** @throws when this version of Leasehold cannot read the text. */
export function decodeEntries(text: string): readonly SubjectEntry[] {
	return v.parse(entriesSchema, JSON.parse(text)).entries;
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
	v.array(v.strictObject({ digest: digestSchema, sessionId: sessionIdSchema, expiresAtMs: timeMs })),
	v.maxLength(usedTokensMax),
);

export function encodeUsed(used: readonly UsedToken[]): string {
	return JSON.stringify(used);
}

/** @throws when this version of Leasehold cannot read the text. */
export function decodeUsed(text: string): readonly UsedToken[] {
	return v.parse(usedSchema, JSON.parse(text));
}
