import * as v from 'valibot';
import { repositoryNames } from '../session/repository-name.ts';

/** The repositories that an answer can name. `memory` is for tests and the simulation. */
export const repositoryNameSchema = v.picklist(repositoryNames);

/** The outcome at one repository. */
const askedSchema = v.strictObject({
	repository: repositoryNameSchema,
	/**
	 * - `circuit-open`: the repository was not asked, because its last calls failed.
	 * - `unanswered`: another repository answered first.
	 */
	outcome: v.picklist([
		'found',
		'absent',
		'stored',
		'too-large',
		'unavailable',
		'corrupt',
		'unknown-schema',
		'circuit-open',
		'unanswered',
	]),
	/** Milliseconds until this repository, or a faster one, had answered. */
	tookMs: v.exactOptional(v.number()),
});

export const receiptSchema = v.strictObject({
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
