import * as v from 'valibot';
import { attributeNamePattern, attributesMax, attributeValueSchema } from '../../session/session-schema.ts';
import type { ApiRequest } from './exchange.ts';
import { malformed, type Outcome, problem } from './outcome.ts';

/** Bytes of a request's body. Room for every attribute that clients may reasonably set at once. */
export const jsonBytesMax = 64 * 1024;

/** The body of `POST /v1/sessions`, which may be left out. */
export const loginBodySchema = v.strictObject({
	delivery: v.optional(v.picklist(['cookie', 'bearer']), 'cookie'),
	/** The cookie outlives the browser. */
	persistent: v.optional(v.boolean(), false),
});

/** The body of `PATCH /v1/session`. */
export const updateBodySchema = v.strictObject({
	attributes: v.pipe(
		v.unknown(),
		v.check(hasUsableNames, 'names of at most 64 letters, digits, dots, hyphens and underscores'),
		v.record(v.string(), v.nullable(attributeValueSchema)),
		v.minEntries(1),
		v.maxEntries(attributesMax),
	),
});

/** The body of a request, or the answer that says what is wrong with it. */
export type BodyRead<Output> =
	| { readonly kind: 'read'; readonly body: Output }
	| { readonly kind: 'refused'; readonly outcome: Outcome };

/** An empty body reads as an empty object. */
export function readBody<Output>(request: ApiRequest, schema: v.GenericSchema<unknown, Output>): BodyRead<Output> {
	if (request.body.length > jsonBytesMax)
		return refused(problem('body_too_large', { expected: `at most ${jsonBytesMax} bytes` }));
	const value = parseJson(request.body);
	if (value === notJson) return refused(malformed('body', 'JSON in UTF-8'));
	if (typeof value !== 'object' || value === null || Array.isArray(value))
		return refused(malformed('body', 'a JSON object'));
	const result = v.safeParse(schema, value);
	if (result.success) return { kind: 'read', body: result.output };
	const [issue] = result.issues;
	return refused(malformed(fieldOf(issue), expectationOf(issue)));
}

function refused(outcome: Outcome): BodyRead<never> {
	return { kind: 'refused', outcome };
}

/** Names what is in every object, which schemas pass over in silence, too. */
function hasUsableNames(attributes: unknown): boolean {
	if (typeof attributes !== 'object' || attributes === null) return true;
	return Object.keys(attributes).every((name) => attributeNamePattern.test(name));
}

/** The field that is wrong; one that the client made up is not repeated, but for a name that it could have had. */
function fieldOf(issue: v.BaseIssue<unknown>): string {
	const path = v.getDotPath(issue) ?? 'body';
	return path.split('.').every((name) => attributeNamePattern.test(name)) ? path : 'body';
}

function expectationOf(issue: v.BaseIssue<unknown>): string {
	if (issue.type === 'check') return issue.message;
	if (issue.input === undefined) return 'a value';
	const { expected, type } = issue;
	if (expected === null) return type.replaceAll('_', ' ');
	const unit = units[type];
	return expected === 'never' ? 'no such field' : unit === undefined ? expected : `${expected} ${unit}`;
}

/** What limits like `<=64` count. */
const units: Readonly<Record<string, string>> = {
	max_length: 'characters',
	max_entries: 'entries',
	min_entries: 'entries',
};

const notJson = Symbol('not JSON');

/** What is no UTF-8 (RFC 8259 section 8.1) is refused: with other characters in place of it, it would be stored as nobody sent it. */
function parseJson(bytes: Uint8Array): unknown {
	if (bytes.length === 0) return {};
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return notJson;
	}
}
