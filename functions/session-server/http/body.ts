import * as v from 'valibot';
import {
	attributeNamePattern,
	attributeNameSchema,
	attributesMax,
	attributeValueSchema,
} from '../../session/session-schema.ts';
import type { ApiRequest } from './exchange.ts';
import { malformed, type Outcome, problem } from './outcome.ts';

/** The largest body in bytes: enough for every attribute that a client reasonably sets at once. */
export const jsonBytesMax = 64 * 1024;

/** The body of `POST /v1/sessions`, which is optional. */
export const loginBodySchema = v.strictObject({
	delivery: v.optional(v.picklist(['cookie', 'bearer']), 'cookie'),
	/** Whether the cookie outlives the browser. */
	persistent: v.optional(v.boolean(), false),
	/** The token of the session that the new one replaces, for clients without a cookie. */
	replaces: v.optional(v.pipe(v.string(), v.maxLength(256))),
});

/** The body of `PATCH /v1/session`. */
export const updateBodySchema = v.strictObject({
	attributes: v.pipe(
		v.unknown(),
		v.check(
			hasUsableNames,
			'attribute names of 1 to 64 characters: a lowercase letter first, then letters, digits, dots, hyphens or underscores',
		),
		v.record(attributeNameSchema, v.nullable(attributeValueSchema)),
		v.minEntries(1),
		v.maxEntries(attributesMax),
	),
});

/** The body of a request, or the answer that says why it was refused. */
export type BodyRead<Output> =
	| { readonly kind: 'read'; readonly body: Output }
	| { readonly kind: 'refused'; readonly outcome: Outcome };

/** Reads the body of a request as JSON. An empty body counts as an empty object. */
export function readBody<Output>(request: ApiRequest, schema: v.GenericSchema<unknown, Output>): BodyRead<Output> {
	if (request.body.length > jsonBytesMax)
		return refused(problem('body_too_large', { expected: `at most ${jsonBytesMax} bytes` }));
	const value = parseJson(request.body);
	if (value === notJson) return refused(malformed('body', 'JSON encoded as UTF-8'));
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

/** Also checks the names that schemas skip, such as `__proto__`. */
function hasUsableNames(attributes: unknown): boolean {
	if (typeof attributes !== 'object' || attributes === null) return true;
	return Object.keys(attributes).every((name) => attributeNamePattern.test(name));
}

/**
 * The wrong field. A name that no attribute could have came from the client, and is not repeated.
 */
function fieldOf(issue: v.BaseIssue<unknown>): string {
	const path = v.getDotPath(issue) ?? 'body';
	return path.split('.').every((name) => attributeNamePattern.test(name)) ? path : 'body';
}

function expectationOf(issue: v.BaseIssue<unknown>): string {
	if (issue.type === 'check') return issue.message;
	if (issue.input === undefined) return 'a value, because this field is required';
	const { expected, type } = issue;
	if (expected === null) return type.replaceAll('_', ' ');
	const unit = units[type];
	if (expected === 'never') return 'no field with this name';
	return unit === undefined ? expected : `${expected} ${unit}`;
}

/** The units of limits such as `<=64`. */
const units: Readonly<Record<string, string>> = {
	max_length: 'characters',
	max_entries: 'entries',
	min_entries: 'entries',
};

const notJson = Symbol('not JSON');

/**
 * Refuses bytes that are not UTF-8 (RFC 8259 section 8.1). A lenient decoder would replace them,
 * and the session would store text that the client did not send.
 */
function parseJson(bytes: Uint8Array): unknown {
	if (bytes.length === 0) return {};
	try {
		return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
	} catch {
		return notJson;
	}
}
