import * as v from 'valibot';
import { type RepositoryName, repositoryNames } from '../session/repository-name.ts';
import type { SessionId } from '../session/session.ts';
import { sessionIdSchema } from '../session/session-schema.ts';

/** What the repair queue holds: a session, and the repositories that missed a write of it. */
export interface RepairTask {
	readonly sessionId: SessionId;
	/** For people who look at the queue. A repair asks every repository, since more may have been missed by then. */
	readonly missing: readonly RepositoryName[];
}

/** Raised when a change makes messages unreadable for the version before. Messages wait for days, and outlive a deployment. */
const schema = 1;

const messageSchema = v.pipe(
	v.string(),
	v.parseJson(),
	v.strictObject({
		schema: v.literal(schema),
		sessionId: sessionIdSchema,
		missing: v.pipe(v.array(v.picklist(repositoryNames)), v.minLength(1), v.maxLength(repositoryNames.length)),
	}),
);

export function encodeRepairTask({ sessionId, missing }: RepairTask): string {
	return JSON.stringify({ schema, sessionId, missing: [...missing] } satisfies v.InferOutput<typeof messageSchema>);
}

/** `malformed`: no repetition makes this body readable; it says where it is wrong, and nothing of what is in it. */
export function decodeRepairTask(body: string): RepairTask | { readonly malformed: string } {
	const result = v.safeParse(messageSchema, body);
	if (!result.success) {
		const [issue] = result.issues;
		return { malformed: `${v.getDotPath(issue) ?? 'body'}: expected ${issue.expected ?? issue.type}` };
	}
	const { sessionId, missing } = result.output;
	return { sessionId, missing };
}
