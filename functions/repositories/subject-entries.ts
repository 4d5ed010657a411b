import * as v from 'valibot';
import { revocationSchema, sessionIdSchema } from '../session/session-schema.ts';
import { type SubjectEntry, subjectEntriesMax } from './subject-index.ts';

/** Raised when a change makes entries unreadable for the version before. */
const schema = 1;

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0));

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

/** A subject's entries as the index keeps them. */
export function encodeEntries(entries: readonly SubjectEntry[]): string {
	return JSON.stringify({ schema, entries });
}

/** @throws when the text is not a list of entries that this version of Leasehold can read. */
export function decodeEntries(text: string): readonly SubjectEntry[] {
	return v.parse(entriesSchema, JSON.parse(text)).entries;
}
