import { Token } from 'aws-cdk-lib';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import type { DeploymentTimeouts } from '../../functions/session-server/deployment/login-timeouts.ts';
import { fillPlaces, type Place } from '../../functions/session-server/deployment/places.ts';
import { presets } from '../../functions/session-server/deployment/presets.ts';
import { IssuerError, parseIssuers, tenantMark } from '../../functions/session-server/deployment/trusted-issuers.ts';

export interface IssuersFile {
	/** The content of `issuers.json`. */
	readonly text: string;
	/** The texts for its places, which are known only after deployment. */
	readonly values: readonly string[];
	/** The list as the release before reads it. Missing if that cannot read it. */
	readonly former?: string;
}

/**
 * The issuers as a file beside the session server's bundle. It is written at synthesis, so texts
 * that CDK knows only as tokens get a place in it.
 *
 * @throws `IssuerError` if an entry cannot work
 */
export function issuersFile(issuers: readonly Issuer[], timeouts: DeploymentTimeouts): IssuersFile {
	const values: string[] = [];
	const arns = new Set<string>();
	for (const [index, issuer] of issuers.entries()) checkKnown(index, issuer);
	const text = JSON.stringify(issuers, (name, value: unknown) => {
		if (Token.isUnresolved(name))
			throw new IssuerError(
				undefined,
				'has a table with a value that is known only after deployment: write it as it is',
			);
		if (Array.isArray(value) && Token.isUnresolved(value))
			throw new IssuerError(undefined, 'has a list that is known only after deployment: write its items one by one');
		if (typeof value !== 'string' || !Token.isUnresolved(value)) return value;
		if (!values.includes(value)) values.push(value);
		if (name === 'secretArn') arns.add(value);
		return { $value: values.indexOf(value) } satisfies Place;
	});
	// The function's own check. Texts that are not known yet are replaced by some that can work.
	const checked = JSON.parse(text) as readonly Issuer[];
	const filled = checked.map((issuer) => fillPlaces(issuer, values.map(substitute(issuer, arns))));
	parseIssuers(filled, timeouts);
	const former = issuers.map(({ client: _client, timeouts: _timeouts, ...issuer }) => issuer);
	return { text, values, ...(issuers.every(isFormer) && { former: JSON.stringify(former) }) };
}

/** Fields whose texts and numbers are checked, or taken apart, at synthesis. */
function checkKnown(index: number, { name, issuer = [], tenants, client, ...others }: Issuer): void {
	const patterns = [issuer].flat().filter((one) => typeof one === 'string' && one.includes(tenantMark));
	const { maxTokenAgeSeconds, clockToleranceSeconds } = others;
	const fields = {
		name,
		issuer: patterns,
		tenants,
		'client.scope': client?.scope,
		maxTokenAgeSeconds,
		clockToleranceSeconds,
	};
	for (const [field, value] of Object.entries(fields))
		if ([value].flat().some((one) => Token.isUnresolved(one)))
			throw new IssuerError(`${index}.${field}`, 'must be known at synthesis: write it as it is');
}

/**
 * Whether the release before can read an entry without its client, which it needs for nothing, and
 * without its timeouts, in place of which it uses the limits of the level.
 */
function isFormer({ preset, tenants, authorizedParties, claims, issuer, audience, jwksUri }: Issuer): boolean {
	const fields = [preset, tenants, authorizedParties, claims];
	const texts = [issuer, audience, jwksUri];
	return fields.every((field) => field === undefined) && texts.every((text) => typeof text === 'string');
}

/** Serves as a URL of the preset, and as everything else that can be unknown. */
function substitute({ preset }: Issuer, arns: ReadonlySet<string>) {
	const example = preset === undefined ? 'https://host' : presets[preset].example;
	return (value: string, place: number) =>
		arns.has(value)
			? 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:unknown-AbCdEf'
			: example.replace('{tenant}', 'tenant').replace(/^https:\/\/[^/]+/, `https://unknown-${place}.invalid`);
}
