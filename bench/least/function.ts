import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { callInTurn, type LeastRequest, leastContent, leastKey } from './calls.ts';

const { LEASEHOLD_CONTROL_TABLE: TableName, LEASEHOLD_BUS_FUNCTION: FunctionName } = process.env;
const dynamoDb = new DynamoDBClient({});
const lambda = new LambdaClient({});

const own = {
	'control read': () => dynamoDb.send(new GetItemCommand({ TableName, Key: leastKey, ConsistentRead: true })),
	'control write': () =>
		dynamoDb.send(new PutItemCommand({ TableName, Item: { ...leastKey, content: { S: leastContent } } })),
};

/** The least program that makes the calls of a request: two functions and nothing else. */
export async function handler({ body }: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
	const request = JSON.parse(body ?? '') as LeastRequest;
	await callInTurn(request.own, own);
	if (request.invoked.length > 0) {
		const Payload = JSON.stringify(request.invoked);
		const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
		if (FunctionError !== undefined) return { statusCode: 500 };
	}
	return { statusCode: 204 };
}
