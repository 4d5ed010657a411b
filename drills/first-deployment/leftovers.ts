import {
	CloudWatchLogsClient,
	DeleteLogGroupCommand,
	paginateDescribeLogGroups,
} from '@aws-sdk/client-cloudwatch-logs';
import { restoredTableOf } from './aws-account.ts';

/**
 * CloudFormation shortens the names of stacks in the names of functions. The rest has eight of the
 * digits that were drawn.
 */
const nameCharacters = 'LeaseholdTrial-'.length + 8;

/**
 * Deletes the log of the function that emptied the bucket. The function creates it by itself, so it
 * does not go with the stack (aws-cdk #26553, #33116).
 * @param region by default, that of the environment
 */
export async function deleteLeftoverLogs(stackName: string, region: string | undefined): Promise<void> {
	const logs = new CloudWatchLogsClient(region === undefined ? {} : { region });
	const logGroupNamePrefix = `/aws/lambda/${stackName.slice(0, nameCharacters)}`;
	try {
		for await (const { logGroups = [] } of paginateDescribeLogGroups({ client: logs }, { logGroupNamePrefix }))
			for (const { logGroupName } of logGroups) await logs.send(new DeleteLogGroupCommand({ logGroupName }));
	} catch (error) {
		throw new Error(`the stack is destroyed, but a log below ${logGroupNamePrefix} may remain: ${error}`);
	}
}

/** The commands that remove what a trial has made, if it could not do so itself. */
export function removalOf(stackName: string): string {
	return (
		'destroy the stack yourself:\n' +
		`  aws cloudformation delete-stack --stack-name ${stackName}\n` +
		'and delete the table that was restored, if it exists:\n' +
		`  aws dynamodb delete-table --table-name ${restoredTableOf(stackName)}\n`
	);
}
