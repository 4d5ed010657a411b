import {
	type AttributeValue,
	ConditionalCheckFailedException,
	type DynamoDBClient,
	PutItemCommand,
	QueryCommand,
	UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

/**
 * A table in memory for the calls of the feed, which takes no time. It knows the conditions and
 * expressions of these calls alone.
 */
export interface KeptItems {
	readonly client: DynamoDBClient;
	/** Every item, by partition and sort key. */
	readonly items: ReadonlyMap<string, Item>;
	set(item: Item): void;
	/** Runs before each call. Its promise delays the effect of the call. */
	before: (command: object) => Promise<void> | undefined;
}

export function createKeptItems(): KeptItems {
	const items = new Map<string, Item>();
	const keyOf = (item: Item) => `${item['pk']?.S} ${item['sk']?.S}`;

	function put({ Item: item = {}, ConditionExpression: condition, ExpressionAttributeValues: values }: PutItemInput) {
		const former = items.get(keyOf(item));
		const holds =
			condition === undefined ||
			(condition === 'version = :seen' ? former?.['version']?.N === values?.[':seen']?.N : former === undefined);
		if (!holds) throw new ConditionalCheckFailedException({ message: 'it does not hold', $metadata: {} });
		items.set(keyOf(item), item);
		return {};
	}

	function update({ Key: key = {}, ExpressionAttributeValues: values = {} }: UpdateItemCommand['input']) {
		const former = items.get(keyOf(key))?.['e']?.BS ?? [];
		const added = values[':entries']?.BS ?? [];
		const isNew = (one: Uint8Array) => !former.some((other) => Buffer.compare(one, other) === 0);
		items.set(keyOf(key), {
			...key,
			e: { BS: [...former, ...added.filter(isNew)] },
			ttl: values[':ttl'] ?? { N: '0' },
		});
		return {};
	}

	function query({ ExpressionAttributeValues: values = {} }: QueryCommand['input']) {
		const [from, to] = [values[':from']?.S ?? '', values[':to']?.S ?? '\uffff'];
		const isFound = (item: Item) => {
			const key = item['sk']?.S ?? '';
			return item['pk']?.S === values[':pk']?.S && from <= key && key <= to;
		};
		return { Items: [...items.values()].filter(isFound) };
	}

	const send = async (command: object) => {
		await table.before(command);
		if (command instanceof PutItemCommand) return put(command.input);
		if (command instanceof UpdateItemCommand) return update(command.input);
		if (command instanceof QueryCommand) return query(command.input);
		throw new Error('the table does not know this call');
	};
	const table: KeptItems = {
		client: { send } as unknown as DynamoDBClient,
		items,
		set: (item) => void items.set(keyOf(item), item),
		before: () => undefined,
	};
	return table;
}

type PutItemInput = PutItemCommand['input'];
