/** The AWS region that the local region claims to be, and credentials that are valid nowhere. */
export const localAccount = {
	region: 'us-east-1',
	credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;

const accountId = '000000000000';

export function functionArn(functionName: string): string {
	return `arn:aws:lambda:${localAccount.region}:${accountId}:function:${functionName}`;
}

export function queueArn(queueName: string): string {
	return `arn:aws:sqs:${localAccount.region}:${accountId}:${queueName}`;
}

export function queueUrl(endpoint: string, queueName: string): string {
	return `${endpoint}/${accountId}/${queueName}`;
}
