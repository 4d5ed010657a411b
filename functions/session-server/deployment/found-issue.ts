import * as v from 'valibot';

export interface FoundIssue {
	/** Like `issuers.0.claims`. Missing if it is about the whole value. */
	readonly path: string | undefined;
	readonly issue: v.BaseIssue<unknown>;
}

/**
 * The issue as deep inside as possible. If a value has one of several forms but for a part, that
 * part is wrong, and not the form: in `["https://a.example", 1]`, the second item.
 */
export function foundIssue(issue: v.BaseIssue<unknown>): FoundIssue {
	const path = v.getDotPath(issue) ?? undefined;
	const inside = issue.type === 'union' ? issue.issues?.find((one) => isInside(one, issue.input)) : undefined;
	if (inside === undefined) return { path, issue };
	const found = foundIssue(inside);
	return { ...found, path: [path, found.path].filter((part) => part !== undefined).join('.') };
}

/** The check of an object also looks into a list. That says nothing about the list. */
function isInside({ path }: v.BaseIssue<unknown>, input: unknown): boolean {
	return path !== undefined && (path[0].type === 'array') === Array.isArray(input);
}
