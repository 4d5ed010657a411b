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
 * Leasehold. Messages wait for days, so they outlive a deployment.
 */
const schema = 1;

const messageSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.strictObject({
		schema: v.literal(schema),
		sessionId: sessionIdSchema,
		missing: v.pipe(v.array(v.picklist(repositoryNames)), v.minLength(1), v.maxLength(repositoryNames.length)),
		forged: v.exactOptional(v.pipe(v.array(forgedRecordSchema), v.maxLength(repositoryNames.length))),
	}),
);

export function encodeRepairTask({ sessionId, missing, forged }: RepairTask): string {
	return JSON.stringify({
		schema,
		sessionId,
		missing: [...missing],
		...(forged && { forged: [...forged] }),
	} satisfies v.InferOutput<typeof messageSchema>);
}

export type DecodedRepairTask =
	| { readonly kind: 'task'; readonly task: RepairTask }
	/**
	 * The body cannot be read, now or later. `problem` tells where it is wrong, without quoting it.
	 */
	| { readonly kind: 'malformed'; readonly problem: string };

export function decodeRepairTask(body: string): DecodedRepairTask {
	const result = v.safeParse(messageSchema, body);
	if (!result.success) {
		const [issue] = result.issues;
		const problem = `${v.getDotPath(issue) ?? 'body'}: expected ${issue.expected ?? issue.type}`;
		return { kind: 'malformed', problem };
	}
	const { schema: _, ...task } = result.output;
	return { kind: 'task', task };
}
