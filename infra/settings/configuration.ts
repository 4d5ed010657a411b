import { readFileSync } from 'node:fs';
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as v from 'valibot';
import { quotaActions } from '../../functions/access/quota.ts';
import { serviceRuleSchema } from '../../functions/access/service-catalog.ts';
import { attributeNamePattern } from '../../functions/session/session-schema.ts';
import { issuerSchema } from '../../functions/session-server/deployment/issuers.ts';
import type { Domain } from '../constructs/session-api.ts';
import type { LeaseholdProps } from '../leasehold.ts';
import { issueProblem } from './issue-problem.ts';
import { SettingError } from './setting-error.ts';

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

/** What an ARN names is found when deploying; that it is one, here. */
const arnOf = (pattern: RegExp, example: string) =>
	v.pipe(v.string(), v.regex(pattern, `must be an ARN like ${example}`));

/** The file that configures the stack of its own. Whoever puts `Leasehold` into another stack has no use for it. */
const configurationSchema = v.strictObject({
	issuers: v.array(issuerSchema),
	services: v.array(serviceRuleSchema),
	clientAttributes: v.optional(
		v.array(
			v.pipe(
				v.string(),
				v.regex(
					attributeNamePattern,
					'must be 1 to 64 letters, digits, dots, hyphens and underscores, the first one a small letter',
				),
			),
		),
	),
	quota: v.optional(v.strictObject({ max: wholeNumber, action: v.picklist(quotaActions) })),
	timeouts: v.optional(v.picklist(['aal1', 'aal2', 'aal3'])),
	maxStalenessMs: v.optional(wholeNumber),
	leaseDurationMs: v.optional(wholeNumber),
	evidenceHeader: v.optional(v.boolean()),
	/** What becomes of sessions and keys when the stack goes. */
	data: v.optional(v.picklist(['keep', 'delete'])),
	domain: v.optional(
		v.strictObject({
			name: v.string(),
			certificateArn: arnOf(
				/^arn:[a-z-]+:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/,
				'arn:aws:acm:eu-west-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef',
			),
			hostedZone: v.optional(v.strictObject({ id: v.string(), name: v.string() })),
		}),
	),
	alarmsTopicArn: v.optional(
		arnOf(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[\w.-]+$/, 'arn:aws:sns:eu-west-1:123456789012:alarms'),
	),
	/** Address of the runbook that alarms point to. */
	runbook: v.optional(v.string()),
	memory: v.optional(v.strictObject({ functionMb: wholeNumber, copiesMb: wholeNumber })),
	throttle: v.optional(v.strictObject({ rateLimit: wholeNumber, burstLimit: wholeNumber })),
	reservedConcurrency: v.optional(
		v.strictObject({
			sessionServer: v.optional(wholeNumber),
			bus: v.optional(wholeNumber),
			repair: v.optional(wholeNumber),
		}),
	),
});

export type Configuration = Readonly<v.InferOutput<typeof configurationSchema>>;

/** The file of a deployment's own, and the one that stands in for it where nothing is deployed. */
const ownFile = 'infra/configuration.json';
const exampleFile = 'infra/configuration.example.json';

/** The file to take, and what to tell whoever gave none. */
export function configurationFile(
	given: string | undefined,
	exists: (file: string) => boolean,
): { readonly file: string; readonly said: string } {
	if (given !== undefined) return { file: given, said: '' };
	if (exists(ownFile)) return { file: ownFile, said: `The configuration is ${ownFile}.\n` };
	return { file: exampleFile, said: `The configuration is ${exampleFile}: there is no ${ownFile}.\n` };
}

/** @throws `SettingError` */
export function readConfiguration(file: string): Configuration {
	const result = v.safeParse(configurationSchema, parsed(file));
	if (result.success) return result.output;
	const [issue] = result.issues;
	const path = v.getDotPath(issue);
	throw new SettingError(path === null ? [] : [path], issueProblem(issue));
}

function parsed(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
			throw new SettingError([], `does not exist: copy ${exampleFile} and name your issuers`, error);
		const reason = error instanceof Error ? error.message : String(error);
		throw new SettingError([], `${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}: ${reason}`, error);
	}
}

/** What the file has under another name than the construct. */
const fileWords: Readonly<Record<string, string>> = {
	maxStaleness: 'maxStalenessMs',
	leaseDuration: 'leaseDurationMs',
};

/** A problem as whoever wrote the file has to hear it, in one sentence. */
export function problemIn(file: string, { settings, problem }: SettingError): string {
	if (settings.length === 0) return `${file} ${problem}`;
	return `${file}: ${settings.map((setting) => fileWords[setting] ?? setting).join(', ')}: ${problem}`;
}

/** What the construct is given. `stack` is where what only has a name or an ARN is looked up. */
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

function domainOf({ name, certificateArn, hostedZone }: NonNullable<Configuration['domain']>, stack: Stack): Domain {
	const certificate = Certificate.fromCertificateArn(stack, 'Certificate', certificateArn);
	if (hostedZone === undefined) return { name, certificate };
	const zone = { hostedZoneId: hostedZone.id, zoneName: hostedZone.name };
	return { name, certificate, hostedZone: HostedZone.fromHostedZoneAttributes(stack, 'Zone', zone) };
}
