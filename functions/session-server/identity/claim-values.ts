import type { JWTPayload } from 'jose';
import type { AssuranceLevel, AttributeValue } from '../../session/session.ts';
import { attributeTextMax } from '../../session/session-schema.ts';
import {
	type ClaimMapping,
	type ClaimPath,
	type Levels,
	type ScopeSource,
	scopePattern,
} from '../deployment/claim-mapping.ts';
import { defaultMethods } from '../deployment/presets.ts';

/** The value of a claim. Every step of a path is an own property. */
export function claimAt(claims: JWTPayload, path: ClaimPath): unknown {
	let value: unknown = claims;
	for (const name of typeof path === 'string' ? [path] : path) {
		if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
		value = (value as Readonly<Record<string, unknown>>)[name];
	}
	return value;
}

/** A claim's name for people, such as `realm_access.roles`. */
export function nameOf(path: ClaimPath): string {
	return typeof path === 'string' ? path : path.join('.');
}

/** The scopes that the claims give, each once. */
export function scopesOf(claims: JWTPayload, { scopes: sources = ['scope'] }: ClaimMapping): string[] {
	const scopes = sources.flatMap((source) => scopesFrom(claims, source));
	return [...new Set(scopes.filter((scope) => scopePattern.test(scope)))];
}

function scopesFrom(claims: JWTPayload, source: ScopeSource): readonly string[] {
	if (typeof source === 'string') return valuesOf(claimAt(claims, source));
	const { claim, strip = '', prefix = '', table } = source;
	const values = valuesOf(claimAt(claims, claim));
	if (table !== undefined) return values.flatMap((value) => (Object.hasOwn(table, value) ? (table[value] ?? []) : []));
	const rests = values.filter((value) => value.startsWith(strip)).map((value) => value.slice(strip.length));
	return rests.filter((rest) => rest !== '').map((rest) => prefix + rest);
}

/** `scope` is a text with spaces (RFC 8693, section 4.2). Groups and roles are lists. */
function valuesOf(claim: unknown): readonly string[] {
	if (typeof claim === 'string') return claim.split(' ').filter((value) => value !== '');
	return Array.isArray(claim) ? claim.filter((value): value is string => typeof value === 'string') : [];
}

/**
 * The assurance level of the authentication: the one of `acr` if the mapping knows its value, else
 * the highest one of the methods in `amr`, else 1.
 */
export function assuranceOf(
	claims: JWTPayload,
	{ acrClaim = 'acr', acr, amr = defaultMethods }: ClaimMapping,
): AssuranceLevel {
	const classes = listOf(claimAt(claims, acrClaim));
	const named = acr === undefined ? classes.flatMap(namedLevel) : classes.flatMap((value) => levelIn(acr, value));
	if (named.length > 0) return Math.max(...named) as AssuranceLevel;
	const methods = listOf(claims['amr']);
	const levels = Object.entries(amr).map(([key, level]) =>
		key.split('+').every((method) => methods.includes(method)) ? level : 1,
	);
	return Math.max(1, ...levels) as AssuranceLevel;
}

function listOf(claim: unknown): readonly unknown[] {
	return Array.isArray(claim) ? claim : [claim];
}

function levelIn(levels: Levels, value: unknown): AssuranceLevel[] {
	const level = typeof value === 'string' && Object.hasOwn(levels, value) ? levels[value] : undefined;
	return level === undefined ? [] : [level];
}

/** Issuers that name the levels of NIST name them like this. */
function namedLevel(value: unknown): AssuranceLevel[] {
	const named = typeof value === 'string' ? /(?:^|[:/])aal([123])$/i.exec(value)?.[1] : undefined;
	return named === undefined ? [] : [Number(named) as AssuranceLevel];
}

/** The attributes of a new session. A list is a text with spaces. Other claims give none. */
export function attributesOf(
	claims: JWTPayload,
	{ attributes = {} }: ClaimMapping,
): Readonly<Record<string, AttributeValue>> {
	const values: [string, AttributeValue][] = [];
	for (const [name, path] of Object.entries(attributes)) {
		const claim = claimAt(claims, path);
		const value = Array.isArray(claim) ? valuesOf(claim).join(' ') : claim;
		if (isAttributeValue(value)) values.push([name, value]);
	}
	return Object.fromEntries(values);
}

function isAttributeValue(value: unknown): value is AttributeValue {
	if (typeof value === 'string') return value.length <= attributeTextMax;
	return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}
