import * as v from 'valibot';
import type { RepositoryName } from '../session/repository-name.ts';

/**
 * The names in receipts are for evidence, logs and people, and nothing is decided by them. So a bus
 * of a later version may send others, and its reader passes them on.
 */
const nameSchema = v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/));

/** The repositories that an answer can name. `memory` is for tests and the simulation. */
export const repositoryNameSchema = nameSchema as v.GenericSchema as v.GenericSchema<unknown, RepositoryName>;

type Outcome =
	| 'found'
	| 'absent'
	| 'stored'
	| 'too-large'
	| 'unavailable'
	| 'corrupt'
	| 'unknown-schema'
	| 'circuit-open'
	| 'unanswered';

export const errorNameLengthMax = 64;

/** The outcome at one repository. */
const askedSchema = v.object({
	repository: repositoryNameSchema,
	/**
	 * - `circuit-open`: the repository was not asked, because its last calls failed.
	 * - `unanswered`: another repository answered first.
	 */
	outcome: nameSchema as v.GenericSchema as v.GenericSchema<unknown, Outcome>,
	/** The name of the error with which the call failed, such as `AccessDeniedException`. */
	error: v.exactOptional(v.pipe(v.string(), v.maxLength(errorNameLengthMax))),
	/** Milliseconds until this repository, or a faster one, had answered. */
	tookMs: v.exactOptional(v.number()),
});

export const receiptSchema = v.object({
	/** In the order in which they were asked. */
	asked: v.array(askedSchema),
	/** The repository from which the record is. Absent when nothing was found. */
	chosen: v.exactOptional(repositoryNameSchema),
	/** The version of the record (`versionOf`). */
	version: v.exactOptional(v.string()),
	/** Milliseconds from the session's last reported activity to the answer. */
	ageMs: v.exactOptional(v.number()),
	/** Whether a repository that should have taken part in the answer did not. */
	degraded: v.boolean(),
	/**
	 * The record comes from a repository that may have missed a change. Only a `lenient` read gets
	 * it.
	 */
	doubtful: v.exactOptional(v.boolean()),
	/** Reads only: milliseconds from the choice of a repository to the answer. */
	tookMs: v.exactOptional(v.number()),
	/** Reads only: another repository was asked because the first one was slower than usual. */
	hedged: v.exactOptional(v.boolean()),
});

export type Receipt = Readonly<v.InferOutput<typeof receiptSchema>>;
