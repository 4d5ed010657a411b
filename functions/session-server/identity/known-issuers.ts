import { type TrustedIssuer, tenantMark, tenantPattern } from '../deployment/trusted-issuers.ts';
import type { TokenIssuer } from './claims.ts';

/** Finds the configured issuer that an `iss` claim names. */
export type FindIssuer = (iss: string) => TokenIssuer | undefined;

/** An issuer that is named exactly comes before one with `{tenant}`. */
export function createKnownIssuers(issuers: readonly TrustedIssuer[]): FindIssuer {
	const exact = new Map<string, TokenIssuer>();
	const patterns: { readonly issuer: string; readonly trusted: TrustedIssuer }[] = [];
	for (const trusted of issuers)
		for (const issuer of trusted.issuer)
			if (issuer.includes(tenantMark)) patterns.push({ issuer, trusted });
			else exact.set(issuer, { trusted });
	return (iss) => {
		const known = exact.get(iss);
		if (known !== undefined) return known;
		for (const { issuer, trusted } of patterns) {
			const tenant = fillIn(issuer, tenantMark, iss);
			const { tenants = [] } = trusted;
			// A tenant that may not log in is an unknown issuer, so nothing is fetched for it.
			if (tenant !== undefined && (tenants === 'any' || tenants.includes(tenant))) return { trusted, tenant };
		}
		return undefined;
	};
}

/** The tenant in `text` that stands where `pattern` has `mark`. It is one segment of a path. */
export function fillIn(pattern: string, mark: string, text: string): string | undefined {
	const [before = '', after] = pattern.split(mark);
	if (after === undefined || !text.startsWith(before) || !text.endsWith(after)) return undefined;
	const tenant = text.slice(before.length, text.length - after.length);
	return tenantPattern.test(tenant) ? tenant : undefined;
}
