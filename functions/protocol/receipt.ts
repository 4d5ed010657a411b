import * as v from 'valibot';
import { repositoryNames } from '../session/repository-name.ts';

/** The repositories that an answer can name; `memory` is for tests and the simulation. */
export const repositoryNameSchema = v.picklist(repositoryNames);

/** What one repository said. */
const askedSchema = v.strictObject({
	repository: repositoryNameSchema,
	/** `circuit-open`: not asked, since it failed too often just before. `unanswered`: another one was faster. */
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
	/** Milliseconds that it took to load from it; or that it had taken when another one was faster. */
	tookMs: v.exactOptional(v.number()),
});

export const receiptSchema = v.strictObject({
	/** In the order in which they were asked. */
	asked: v.array(askedSchema),
	/** The repository whose record this is; none when nothing was found. */
	chosen: v.exactOptional(repositoryNameSchema),
	/** Of the record, as `versionOf` names it. */
	version: v.exactOptional(v.string()),
	/** Milliseconds from the session's last reported activity to the answer. */
	ageMs: v.exactOptional(v.number()),
	/** A repository that should have had a part in the answer had none. */
	degraded: v.boolean(),
	/** The record is that of a repository which may have missed a change. Only who asks leniently gets such an answer. */
	doubtful: v.exactOptional(v.boolean()),
	/** Of reads: milliseconds from the choice of a repository to the answer. */
	tookMs: v.exactOptional(v.number()),
	/** Of reads: another repository was asked because the first took longer than it should. */
	hedged: v.exactOptional(v.boolean()),
});

export type Receipt = Readonly<v.InferOutput<typeof receiptSchema>>;
