import * as v from 'valibot';
import { quotaActions } from '../../functions/access/quota.ts';
import { serviceRuleSchema } from '../../functions/access/service-catalog.ts';
import { attributeNamePattern } from '../../functions/session/session-schema.ts';
import { cookieSchema } from '../../functions/session-server/deployment/browser-settings.ts';
import { issuerSchema } from '../../functions/session-server/deployment/issuers.ts';
import { timeoutSettingSchema } from '../../functions/session-server/deployment/timeout-options.ts';

const wholeNumber = v.pipe(v.number(), v.integer(), v.minValue(1));

/**
 * Checks the form of an ARN. Whether its resource exists is found out when the stack is deployed.
 */
const arnOf = (pattern: RegExp, example: string) =>
	v.pipe(v.string(), v.regex(pattern, `must be an ARN like ${example}`));

/**
 * The contents of the configuration file. The file is for `LeaseholdStack` only: other stacks pass
 * props to `Leasehold`.
 */
export const configurationSchema = v.strictObject({
	issuers: v.array(issuerSchema),
	services: v.array(serviceRuleSchema),
	clientAttributes: v.optional(
		v.array(
			v.pipe(
				v.string(),
				v.regex(
					attributeNamePattern,
					'must be 1 to 64 letters, digits, dots, hyphens and underscores, and start with a lowercase letter',
				),
			),
		),
	),
	origins: v.optional(v.array(v.string())),
	cookie: v.optional(cookieSchema),
	quota: v.optional(v.strictObject({ max: wholeNumber, action: v.picklist(quotaActions) })),
	publicUrl: v.optional(v.string()),
	endingMaxAuthenticationAgeSeconds: v.optional(wholeNumber),
	clientLimits: v.optional(
		v.strictObject({
			requestsPerSecond: v.optional(wholeNumber),
			failedLoginsPerSecond: v.optional(wholeNumber),
		}),
	),
	timeouts: v.optional(timeoutSettingSchema),
	maxStalenessMs: v.optional(wholeNumber),
	leaseDurationMs: v.optional(wholeNumber),
	feed: v.optional(v.strictObject({ shards: wholeNumber, replicas: wholeNumber })),
	evidenceHeader: v.optional(v.boolean()),
	unsignedSessionsUntil: v.optional(v.string()),
	/** Whether sessions and keys are kept when the stack is deleted. */
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
	warmLinesPerSecond: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
	tracing: v.optional(v.boolean()),
	detailedMetrics: v.optional(v.boolean()),
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
