import { readFileSync } from 'node:fs';
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as v from 'valibot';
import { foundIssue } from '../../functions/session-server/deployment/found-issue.ts';
import type { OwnDomain } from '../constructs/session-api.ts';
import type { LeaseholdProps } from '../leasehold.ts';
import { type Configuration, configurationSchema } from './configuration-schema.ts';
import { SettingError } from './setting-error.ts';

/** The file of a deployment, and the one that replaces it where nothing is deployed. */
const ownFile = 'infra/configuration.json';
const exampleFile = 'infra/configuration.example.json';

/**
 * The configuration file to read: the given one, else the deployment's own, else the example.
 * `notice` is for the user.
 */
export function configurationFile(
	given: string | undefined,
	exists: (file: string) => boolean,
): { readonly file: string; readonly notice: string } {
	if (given !== undefined) return { file: given, notice: '' };
	if (exists(ownFile)) return { file: ownFile, notice: `Using the configuration ${ownFile}.\n` };
	return { file: exampleFile, notice: `Using the configuration ${exampleFile}, because ${ownFile} does not exist.\n` };
}

/** @throws SettingError if the file cannot be read or a field of it cannot work. */
export function readConfiguration(file: string): Configuration {
	const result = v.safeParse(configurationSchema, parsed(file));
	if (result.success) return result.output;
	const { path, issue } = foundIssue(result.issues[0]);
	throw new SettingError(path === undefined ? [] : [path], issueProblem(issue));
}

function parsed(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
			throw new SettingError([], `does not exist: copy ${exampleFile} and set your issuers in it`, error);
		const reason = error instanceof Error ? error.message : String(error);
		throw new SettingError([], `${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}: ${reason}`, error);
	}
}

/**
 * How valibot's default messages start. A message of a schema of ours starts differently, and is
 * used as it is.
 */
const defaultMessage = /^Invalid /;

/** The problem of a field, as a predicate. */
function issueProblem({ type, input, expected, received, message }: v.BaseIssue<unknown>): string {
	if (!defaultMessage.test(message)) return message;
	if (expected === 'never') return 'is not a known setting: remove it, or correct its name';
	if (received === 'undefined') return 'is missing';
	if (type === 'url') return `must be a URL, not ${received}`;
	if (type === 'max_length' || type === 'min_length' || type === 'max_entries')
		return `must have ${inWords(String(expected))} ${typeof input === 'string' ? 'characters' : 'items'}, not ${received}`;
	if (type === 'integer') return `must be a whole number, not ${received}`;
	return `must be ${inWords(String(expected))}, not ${kinds[received] ?? received}`;
}

const kinds: Readonly<Record<string, string>> = {
	string: 'a string',
	number: 'a number',
	boolean: 'true or false',
	Array: 'an array',
	Object: 'an object',
};

/** Translates what valibot expected, for example `>=1` and `("keep" | "delete")`. */
function inWords(expected: string): string {
	const [, sign, bound] = /^([<>]=)(.+)$/.exec(expected) ?? [];
	if (sign !== undefined) return `${bound} or ${sign === '>=' ? 'more' : 'less'}`;
	const alternatives = expected.replace(/[()]/g, '').split(' | ');
	return alternatives.map((one) => kinds[one] ?? one).join(' or ');
}

/** The file's names for properties that have another name in the construct. */
const fieldNames: Readonly<Record<string, string>> = {
	maxStaleness: 'maxStalenessMs',
	leaseDuration: 'leaseDurationMs',
};

/** One sentence for the author of the file: which field is wrong, why, and what to do. */
export function problemIn(file: string, { settings, problem }: SettingError): string {
	if (settings.length === 0) return `${file} ${problem}`;
	return `${file}: ${settings.map((setting) => fieldNames[setting] ?? setting).join(', ')}: ${problem}`;
}

/**
 * The construct's props. Topic, certificate and zone are imported into `stack` by their ARNs and
 * names.
 */
export function propsOf(configuration: Configuration, stack: Stack): LeaseholdProps {
	const { data, domain, alarmsTopicArn, maxStalenessMs, leaseDurationMs, ...same } = configuration;
	return {
		...same,
		maxStaleness: maxStalenessMs === undefined ? undefined : Duration.millis(maxStalenessMs),
		leaseDuration: leaseDurationMs === undefined ? undefined : Duration.millis(leaseDurationMs),
		removalPolicy: data === 'delete' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
		alarmsTopic: alarmsTopicArn === undefined ? undefined : Topic.fromTopicArn(stack, 'AlarmsTopic', alarmsTopicArn),
		domain: domain === undefined ? undefined : domainOf(domain, stack),
	};
}

function domainOf({ name, certificateArn, hostedZone }: NonNullable<Configuration['domain']>, stack: Stack): OwnDomain {
	const certificate = Certificate.fromCertificateArn(stack, 'Certificate', certificateArn);
	if (hostedZone === undefined) return { name, certificate };
	const zone = { hostedZoneId: hostedZone.id, zoneName: hostedZone.name };
	return { name, certificate, hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone) };
}
