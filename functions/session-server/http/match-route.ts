import { type Operation, routes } from '../deployment/routes.ts';
import type { ApiRequest } from './exchange.ts';

/** What stands in a path where its route has `{name}`. */
export type PathParameters = Readonly<Record<string, string | undefined>>;

export type RouteMatch =
	| { readonly operation: Operation; readonly parameters: PathParameters }
	/** Methods that the path has; none when there is no such path. */
	| { readonly operation: undefined; readonly methods: readonly string[] };

/**
 * The route of a request. `{name}` stands for one segment of the path, which is not decoded: handles and names of services
 * have nothing to decode. `{proxy+}` stands for the rest, if there is one.
 */
export function matchRoute({ method, path }: Pick<ApiRequest, 'method' | 'path'>): RouteMatch {
	const methods: string[] = [];
	for (const { route, pattern } of patterns) {
		const match = pattern.exec(path);
		if (match === null) continue;
		if (route.method === method || route.method === 'ANY')
			return { operation: route.operation, parameters: match.groups ?? {} };
		methods.push(route.method);
	}
	return { operation: undefined, methods };
}

const patterns = routes.map((route) => ({
	route,
	pattern: new RegExp(`^${route.path.replace('/{proxy+}', '(?:/[^]*)?').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));
