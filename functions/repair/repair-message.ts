import * as v from 'valibot';
import { type RepositoryName, repositoryNames } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import { forgedRecordSchema, sessionIdSchema } from '../session/session-schema.ts';
import type { ForgedRecord } from '../session/signed-part.ts';

/** A message of the repair queue: a session, and the repositories that missed a write of it. */
export interface RepairTask {
	readonly sessionId: SessionId;
	/**
	 * For people who look at the queue. A repair asks every repository, because more writes may
	 * have been missed since.
	 */
	readonly missing: readonly RepositoryName[];
	/** Records that a session server found forged. */
	readonly forged?: readonly ForgedRecord[];
}

/**
 * Must be raised with any change that makes messages unreadable to the previous version of
 * Leasehold. Messages wait for days, so they outlive a deployment. A field that is added does not
 * need that: a version that does not know it leaves the message as it is.
 */
const schema = 1;

/** More than any version will have. */
const repositoriesMax = 16;

/** Longer than any revision, and than any place in a list. */
const textMax = 500;

const messageSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.object({
		schema: v.literal(schema),
		sessionId: sessionIdSchema,
		missing: v.pipe(v.array(v.picklist(repositoryNames)), v.minLength(1), v.maxLength(repositoryNames.length)),
		forged: v.exactOptional(v.pipe(v.array(forgedRecordSchema), v.maxLength(repositoryNames.length))),
	}),
);

/** The next page of a sweep: a repair of every session, after a repository was set back. */
export interface SweepTask {
	/** The repository that was set back. */
	readonly missing: RepositoryName;
	/** Present after the first page. */
	readonly from?: {
		/** The version, as text, that the marker of every session had when the sweep began. */
		readonly revision: string;
		/** `next` of the page before. */
		readonly after: string;
	};
}

/** For sweeps only: the previous version of Leasehold reads all other messages. */
const sweepSchema = 2;

const sweepMessageSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.object({
		schema: v.literal(sweepSchema),
		sweep: v.object({
			missing: v.picklist(repositoryNames),
			from: v.exactOptional(
				v.object({
					revision: v.pipe(v.string(), v.maxLength(textMax)),
					after: v.pipe(v.string(), v.maxLength(textMax)),
				}),
			),
		}),
	}),
);

export function encodeSweepTask(sweep: SweepTask): string {
	return JSON.stringify({ schema: sweepSchema, sweep } satisfies v.InferOutput<typeof sweepMessageSchema>);
}

export function encodeRepairTask({ sessionId, missing, forged }: RepairTask): string {
	return JSON.stringify({
		schema,
		sessionId,
		missing: [...missing],
		...(forged && { forged: [...forged] }),
	} satisfies v.InferOutput<typeof messageSchema>);
}

/** A message of a later schema, or one that names a repository which this version does not have. */
const laterSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.union([
		v.object({ schema: v.pipe(v.number(), v.integer(), v.gtValue(sweepSchema)) }),
		v.object({
			schema: v.literal(schema),
			sessionId: sessionIdSchema,
			missing: v.pipe(
				v.array(v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]{0,31}$/))),
				v.minLength(1),
				v.maxLength(repositoriesMax),
			),
		}),
	]),
);

export type DecodedRepairTask =
	| { readonly kind: 'task'; readonly task: RepairTask }
	| { readonly kind: 'sweep'; readonly task: SweepTask }
	/**
	 * A later version sent the message, and only a later version can do what it asks. It has to wait
	 * for that.
	 */
	| { readonly kind: 'later' }
	/**
	 * The body cannot be read, now or later. `problem` tells where it is wrong, without quoting it.
	 */
	| { readonly kind: 'malformed'; readonly problem: string };

export function decodeRepairTask(body: string): DecodedRepairTask {
	const sweep = v.safeParse(sweepMessageSchema, body);
	if (sweep.success) return { kind: 'sweep', task: sweep.output.sweep };
	const result = v.safeParse(messageSchema, body);
	if (!result.success && v.is(laterSchema, body)) return { kind: 'later' };
	if (!result.success) {
		const [issue] = result.issues;
		const problem = `${v.getDotPath(issue) ?? 'body'}: expected ${issue.expected ?? issue.type}`;
		return { kind: 'malformed', problem };
	}
	const { schema: _, ...task } = result.output;
	return { kind: 'task', task };
}
