import type { PathItem } from './paths.ts';
import { refTo } from './schemas.ts';

type Responses = Readonly<Record<string, object>>;
type Operation = PathItem[string] & { readonly operationId: string; readonly responses: Responses };

/**
 * Moves each response that several operations have to the components. Its name is that of the first
 * operation, with the status.
 */
export function withSharedResponses(items: Readonly<Record<string, PathItem>>): {
	readonly paths: object;
	readonly responses: Responses;
} {
	const places = Map.groupBy(
		Object.values(items)
			.flatMap((item) => Object.values(item).filter(isOperation))
			.flatMap(({ operationId, responses }) =>
				Object.entries(responses).map(([status, response]) => ({ name: `${operationId}-${status}`, response })),
			),
		({ response }) => JSON.stringify(response),
	);
	const shared = new Map(
		[...places].flatMap(([text, [first, ...others]]) =>
			first === undefined || others.length === 0 ? [] : [[text, first] as const],
		),
	);
	const share = (response: object): object => {
		const found = shared.get(JSON.stringify(response));
		return found === undefined ? response : refTo('responses', found.name);
	};
	return {
		paths: mapValues(items, (item) =>
			mapValues(item, (part) => (isOperation(part) ? { ...part, responses: mapValues(part.responses, share) } : part)),
		),
		responses: Object.fromEntries([...shared.values()].map(({ name, response }) => [name, response])),
	};
}

function isOperation(part: object): part is Operation {
	return 'operationId' in part;
}

function mapValues<In, Out>(values: Readonly<Record<string, In>>, change: (value: In) => Out): Record<string, Out> {
	return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}
