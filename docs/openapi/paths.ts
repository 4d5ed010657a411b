import { anyMethods, type Operation, routes } from '../../functions/session-server/deployment/routes.ts';
import type { ProblemCode } from '../../functions/session-server/http/problem.ts';
import { contracts, type OperationContract } from './operations.ts';
import type { ParameterName } from './parameters.ts';
import { responsesOf } from './responses.ts';
import { type BodyName, refTo } from './schemas.ts';
import { securityOf } from './security.ts';

/** The operations of a path, by their method in lower case, and its parameters. */
export type PathItem = Readonly<Record<string, object>>;

/** The parameters that each path has, with those of its query that other paths lack. */
const ofPaths: Readonly<Partial<Record<(typeof routes)[number]['path'], readonly ParameterName[]>>> = {
	'/v1/sessions/{handle}': ['handle'],
	'/v1/authorize': ['service'],
	'/v1/authorize/{proxy+}': ['serviceAndRest'],
	'/services/{name}/{proxy+}': ['name', 'rest'],
};

/** The paths of all routes, their preflights, and the default route. */
export function pathItems(): Readonly<Record<string, PathItem>> {
	const byPath = Map.groupBy(routes, ({ path }) => path);
	const known = [...byPath].map(([path, some]) => {
		const operations = some.flatMap((route) =>
			methodsOf(route).map((method) => [method, operationOf(path, method, route.operation)] as const),
		);
		const preflights = operations.some(([method]) => method === 'OPTIONS') ? [] : [preflightOf(path)];
		return [path.replace('{proxy+}', '{proxy}'), itemOf(ofPaths[path], [...operations, ...preflights])] as const;
	});
	return Object.fromEntries([...known, ['/{proxy}', defaultItem()]]);
}

function itemOf(
	parameters: readonly ParameterName[] | undefined,
	operations: readonly (readonly [method: string, operation: object])[],
): PathItem {
	return {
		...(parameters === undefined ? {} : { parameters: parameters.map((name) => refTo('parameters', name)) }),
		...Object.fromEntries(operations.map(([method, operation]) => [method.toLowerCase(), operation])),
	};
}

function methodsOf({ method }: (typeof routes)[number]): readonly string[] {
	return method === 'ANY' ? anyMethods : [method];
}

function operationOf(path: string, method: string, operation: Operation): object {
	const contract = contracts[operation];
	const places = routes.filter((route) => route.operation === operation).flatMap(methodsOf);
	const id = places.length === 1 ? operation : idOf(operation, method, path);
	return operationWith(
		id,
		method,
		contract.forwards && method === 'OPTIONS' ? or(contract, 'origin_refused') : contract,
	);
}

/** A unique name for one of several places of an operation. */
function idOf(operation: string, method: string, path: string): string {
	return [operation, ...`${method.toLowerCase()} ${path}`.matchAll(/[a-z]{2,}/g)].join('-');
}

function operationWith(operationId: string, method: string, contract: OperationContract): object {
	const { tag, does, parameters, forwards } = contract;
	const responses = responsesOf(contract);
	const requestBody = forwards && hasBody(method) ? anyBody : bodyOf(contract);
	return {
		operationId,
		summary: summaryOf(does),
		tags: [tag],
		security: securityOf(contract),
		...(parameters.length === 0 ? {} : { parameters: parameters.map((name) => refTo('parameters', name)) }),
		...(requestBody === undefined ? {} : { requestBody }),
		responses: method === 'HEAD' && !forwards ? withoutContent(responses) : responses,
	};
}

function bodyOf({ body, needs }: OperationContract): object | undefined {
	if (body === undefined) return undefined;
	// A login has a default for every field.
	const content = { schema: refTo('schemas', body), example: examples[body] };
	return { required: needs === 'session', content: { 'application/json': content } };
}

const examples: Readonly<Partial<Record<BodyName, object>>> = {
	LoginRequest: { delivery: 'bearer' },
	UpdateRequest: { attributes: { theme: 'dark' } },
};

const anyBody = { description: 'Any body that the service takes.', content: { '*/*': {} } };

/** With other methods, the body is dropped. */
function hasBody(method: string): boolean {
	return method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
}

function withoutContent(responses: Readonly<Record<string, object>>): object {
	return Object.fromEntries(
		Object.entries(responses).map(([status, response]) => {
			const { content: _, ...rest } = response as { readonly content?: object };
			return [status, rest];
		}),
	);
}

/** `[lists](#a-subjects-sessions) the sessions` as a line of a list. */
function summaryOf(does: string): string {
	const text = does.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1');
	return text.slice(0, 1).toUpperCase() + text.slice(1);
}

const preflight: OperationContract = {
	tag: 'Other origins',
	needs: 'nothing',
	does: 'answers the preflight of a page of another origin',
	parameters: ['pageOrigin', 'requestMethod', 'requestHeaders'],
	answers: [
		{
			status: 204,
			means: 'Pages of this origin may call the API.',
			headers: ['access-control-allow-headers', 'access-control-allow-methods', 'access-control-max-age'],
		},
	],
	problems: ['origin_refused'],
};

/** `OPTIONS` that is no preflight is a method that the path does not support. */
function preflightOf(path: string): readonly ['OPTIONS', object] {
	return ['OPTIONS', operationWith(idOf('preflight', '', path), 'OPTIONS', or(preflight, 'method_not_allowed'))];
}

const unknown: OperationContract = {
	tag: 'Other origins',
	needs: 'nothing',
	does: 'answers that no route has this path',
	parameters: [],
	answers: [],
	problems: ['route_unknown'],
};

/** The route `$default` of API Gateway. */
function defaultItem(): PathItem {
	return itemOf(
		['anyPath'],
		anyMethods.map((method) => {
			const contract = method === 'OPTIONS' ? or(preflight, 'route_unknown') : unknown;
			return [method, operationWith(idOf('default', method, ''), method, contract)];
		}),
	);
}

/** The same operation, which may also answer with this problem. */
function or(contract: OperationContract, code: ProblemCode): OperationContract {
	return { ...contract, problems: [...contract.problems, code] };
}
