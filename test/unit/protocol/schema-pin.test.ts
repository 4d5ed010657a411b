import { hash } from 'node:crypto';
import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import { expect, test } from 'vitest';
import { answerSchema } from '../../../functions/protocol/answers.ts';
import { messageSchema } from '../../../functions/protocol/messages.ts';
import { protocolVersion } from '../../../functions/protocol/version.ts';
import { instanceIdPattern, sessionIdPattern } from '../../../functions/session/ids.ts';
import { instanceIdSchema, sessionIdSchema, stampSchema } from '../../../functions/session/session-schema.ts';
import { stampPattern } from '../../../functions/session/stamp.ts';

/** The protocol version, and the SHA-256 of the schemas of its messages and answers. */
const pinned = {
	protocolVersion: 9,
	schemas: 'b8067c17a7aa4c1c6b1b6c1145dfa7b9ee9e9b8fda6ca1af75b0c71eaa42b120',
};

const howToChange = `
The schemas of messages or answers have changed, so an older bus or session server may not understand
them. docs/protocol/neighbours.md says which changes take two releases. If the change is intended, raise
protocolVersion in functions/protocol/version.ts, and pin the new version and hash here. If only the output of the converter has changed, after an update of
@valibot/to-json-schema, pin the new hash and keep the version.
`;

/** The patterns of the custom schemas, which the converter cannot see. */
const patterns = new Map<unknown, RegExp>([
	[sessionIdSchema, sessionIdPattern],
	[instanceIdSchema, instanceIdPattern],
	[stampSchema, stampPattern],
]);

/** Every number in JSON is finite, and the converter cannot see a check of our own. */
const ignored = new Set(['finite', 'check']);

function describeSchema(schema: v.GenericSchema): unknown {
	return toJsonSchema(schema, {
		errorMode: 'throw',
		overrideSchema: ({ valibotSchema }) => {
			const pattern = patterns.get(valibotSchema);
			return pattern === undefined ? undefined : { type: 'string', pattern: pattern.source };
		},
		overrideAction: ({ valibotAction, jsonSchema }) => (ignored.has(valibotAction.type) ? jsonSchema : undefined),
	});
}

/** Encodes a value as JSON with the keys of every object in order. */
function canonical(value: unknown): string {
	return JSON.stringify(value, (_key, part: unknown) =>
		typeof part === 'object' && part !== null && !Array.isArray(part)
			? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
			: part,
	);
}

test('the schemas of messages and answers change only together with the protocol version', () => {
	const schemas = canonical({ message: describeSchema(messageSchema), answer: describeSchema(answerSchema) });
	for (const pattern of patterns.values()) expect(schemas).toContain(JSON.stringify(pattern.source));
	expect({ protocolVersion, schemas: hash('sha256', schemas, 'hex') }, howToChange).toEqual(pinned);
});
