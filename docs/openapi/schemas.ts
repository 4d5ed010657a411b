import { toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { loginBodySchema, updateBodySchema } from '../../functions/session-server/http/body.ts';
import * as answers from '../../functions/session-server/http/contract/answer-schemas.ts';

/** The bodies of requests and answers, by their name in the document. */
const bodies = {
	LoginRequest: loginBodySchema,
	UpdateRequest: updateBodySchema,
	Session: answers.sessionSchema,
	ListedSession: answers.listedSessionSchema,
	Login: answers.loginSchema,
	SessionList: answers.sessionListSchema,
	OthersEnded: answers.othersEndedSchema,
	EndedInPart: answers.endedInPartSchema,
	Confirmation: answers.confirmationSchema,
	Location: answers.locationSchema,
	Health: answers.healthSchema,
	Contract: answers.contractSchema,
	Problem: answers.problemSchema,
	GatewayMessage: answers.gatewayMessageSchema,
} as const satisfies Readonly<Record<string, GenericSchema>>;

export type BodyName = keyof typeof bodies;

/**
 * The schemas of the document.
 *
 * @throws if JSON Schema has no equivalent for a part of one
 */
export function schemas(): Readonly<Record<string, object>> {
	return toJsonSchemaDefs(bodies, {
		target: 'draft-2020-12',
		// `updateBodySchema` looks at a value before it reads it. The document has what it reads.
		typeMode: 'output',
		// JSON has no other numbers, and no arrays that can change.
		ignoreActions: ['finite', 'readonly'],
		overrideRef: ({ referenceId }) => refTo('schemas', referenceId).$ref,
	});
}

/** A reference to a component of the document. */
export function refTo(kind: 'schemas' | 'responses' | 'parameters' | 'headers', name: string) {
	return { $ref: `#/components/${kind}/${name}` };
}
