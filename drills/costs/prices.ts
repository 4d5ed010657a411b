/**
 * List prices in us-east-1 in US dollars, without free allowances and without volume discounts.
 *
 * Source: the price pages of the services at aws.amazon.com, as known in November 2026. They were
 * not read by a program. Check them before you rely on a sum.
 */
export const prices = {
	/** API Gateway, HTTP API: a million requests of up to 512 kB. */
	apiPerMillion: 1.0,
	/** Lambda: a million invocations. */
	invocationsPerMillion: 0.2,
	/** Lambda on arm64: a second with one GB of memory. */
	gbSecond: 0.0000133334,
	/** DynamoDB on demand: a million writes of 1 kB. */
	dynamoDbWritesPerMillion: 0.625,
	/** DynamoDB on demand: a million strong reads of 4 kB. */
	dynamoDbReadsPerMillion: 0.125,
	/** S3 Standard: a million PUTs. */
	s3PutsPerMillion: 5.0,
	/** S3 Standard: a million GETs. */
	s3GetsPerMillion: 0.4,
	/** ElastiCache Serverless for Valkey: a million ECPUs. A command of up to 1 kB is one. */
	valkeyEcpusPerMillion: 0.0023,
	/** ElastiCache Serverless for Valkey: a GB stored for an hour. It counts at least 0.1 GB. */
	valkeyGbHour: 0.084,
	/** CloudWatch Logs, also for access logs: a GB taken in. */
	logsPerGb: 0.5,
	/** CloudWatch: a custom metric that has values all month. */
	metric: 0.3,
	/** X-Ray: a million traces recorded. */
	tracesPerMillion: 5.0,
	/** Data sent to the internet: a GB. */
	transferPerGb: 0.09,
	/** Secrets Manager: 10,000 calls. */
	secretCallsPer10000: 0.05,
	/** KMS: 10,000 calls. */
	keyCallsPer10000: 0.03,
	/** KMS: a customer key for a month. */
	customerKey: 1.0,
	/** Secrets Manager: a secret for a month. */
	secret: 0.4,
	/** CloudWatch: a metric that an alarm looks at, for a month. */
	alarmMetric: 0.1,
	/** CloudWatch: a dashboard for a month. */
	dashboard: 3.0,
	/** DynamoDB: a GB of a table that is restored. */
	restorePerGb: 0.15,
} as const;
