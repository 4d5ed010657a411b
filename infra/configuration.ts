import { readFileSync } from 'node:fs';
import { Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import * as v from 'valibot';
import { quotaActions } from '../functions/session/quota.ts';
import { serviceRuleSchema } from '../functions/session/service-catalog.ts';
import { issuerSchema } from '../functions/session-server/issuers.ts';
import type { LeaseholdProps } from './leasehold.ts';
import type { Domain } from './session-api.ts';

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The file that configures the stack of its own. Whoever puts `Leasehold` into another stack has no use for it. */
const configurationSchema = v.strictObject({
	issuers: v.array(issuerSchema),
	services: v.array(serviceRuleSchema),
	clientAttributes: v.optional(v.array(v.string())),
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
			certificateArn: v.string(),
			hostedZone: v.optional(v.strictObject({ id: v.string(), name: v.string() })),
		}),
	),
	alarmsTopicArn: v.optional(v.string()),
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

/** @throws naming the file, the field, what it has and what it needs. */
export function readConfiguration(file: string): Configuration {
	const result = v.safeParse(configurationSchema, parsed(file));
	if (result.success) return result.output;
	const [issue] = result.issues;
	throw new Error(`${file}: ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`);
}

function parsed(file: string): unknown {
	try {
		return JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
			throw new Error(`${file} does not exist: copy infra/configuration.example.json and name your issuers`);
		throw new Error(`${file} is not JSON`, { cause: error });
	}
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
