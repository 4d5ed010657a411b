import { Token } from 'aws-cdk-lib';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import { fillPlaces, type Place } from '../../functions/session-server/deployment/places.ts';
import { presets } from '../../functions/session-server/deployment/presets.ts';
import { IssuerError, parseIssuers } from '../../functions/session-server/deployment/trusted-issuers.ts';

export interface IssuersFile {
	/** The content of `issuers.json`. */
	readonly text: string;
	/** The texts for its places, which are known only after deployment. */
	readonly values: readonly string[];
}

/**
 * The issuers as a file beside the session server's bundle. It is written at synthesis, so texts
 * that CDK knows only as tokens get a place in it.
 *
 * @throws `IssuerError` if an entry cannot work
 */
export function issuersFile(issuers: readonly Issuer[]): IssuersFile {
	const values: string[] = [];
	const arns = new Set<string>();
	const text = JSON.stringify(issuers, (name, value: unknown) => {
		if (Array.isArray(value) && Token.isUnresolved(value))
			throw new IssuerError(undefined, 'has a list that is known only after deployment: write its items one by one');
		if (typeof value !== 'string' || !Token.isUnresolved(value)) return value;
		if (!values.includes(value)) values.push(value);
		if (name === 'secretArn') arns.add(value);
		return { $value: values.indexOf(value) } satisfies Place;
	});
	// The function's own check. Texts that are not known yet are replaced by some that can work.
	const checked = JSON.parse(text) as readonly Issuer[];
	parseIssuers(checked.map((issuer, index) => fillPlaces(issuer, values.map(substitute(issuer, index, arns)))));
	return { text, values };
}

/** Serves as a URL of the preset, and as everything else that can be unknown. */
function substitute({ preset }: Issuer, index: number, arns: ReadonlySet<string>) {
	const example = preset === undefined ? 'https://host' : presets[preset].example;
	return (value: string, place: number) =>
		arns.has(value)
			? 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:unknown'
			: example.replace('{tenant}', 'tenant').replace(/^https:\/\/[^/]+/, `https://unknown-${index}-${place}.invalid`);
}
