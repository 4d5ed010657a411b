import { type DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import * as v from 'valibot';
import { sessionIdSchema } from '../../session/session-schema.ts';
import { type Listed, listPageMax } from '../repository.ts';
import { callStore } from '../store-call.ts';
import { itemKey } from './item.ts';

/** The table's items in the order of their hashes. A page has fewer sessions than items. */
export function listSessions(client: DynamoDBClient, tableName: string, after: string | undefined): Promise<Listed> {
	return callStore(async () => {
		const { Items = [], LastEvaluatedKey } = await client.send(
			new ScanCommand({
				TableName: tableName,
				Limit: listPageMax,
				ConsistentRead: true,
				ProjectionExpression: 'pk, sk',
				...(after === undefined ? {} : { ExclusiveStartKey: keyIn(after) }),
			}),
		);
		const ids = Items.flatMap(({ pk }) => {
			const id = v.safeParse(sessionIdSchema, pk?.S);
			return id.success ? [id.output] : [];
		});
		const { pk, sk } = LastEvaluatedKey ?? {};
		return { kind: 'listed', ids, next: pk?.S === undefined ? undefined : `${pk.S} ${sk?.S}` } as const;
	});
}

/** No key has a space. */
function keyIn(after: string): ReturnType<typeof itemKey> {
	const [pk = '', sk = ''] = after.split(' ');
	return itemKey(pk, sk);
}
