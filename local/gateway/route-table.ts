import { routes } from '../../functions/session-server/deployment/routes.ts';

export interface Route {
	readonly routeKey: string;
	readonly pathParameters?: Readonly<Record<string, string>>;
}

/**
 * Finds a request's route as API Gateway does: the most specific route of the API. A request
 * without a route goes to `$default`. That route leads to the same function, so unknown paths get
 * Leasehold's own answer.
 */
export function routeOf(method: string, path: string): Route {
	for (const { route, pattern } of patterns) {
		const match = route.method === method || route.method === 'ANY' ? pattern.exec(path) : null;
		if (!match) continue;
		const routeKey = `${route.method} ${route.path}`;
		return match.groups ? { routeKey, pathParameters: { ...match.groups } } : { routeKey };
	}
	return { routeKey: '$default' };
}

/**
 * `{name}` matches one segment, `{name+}` the rest of the path. Routes without parameters come
 * first.
 */
const patterns = [...routes]
	.sort((a, b) => parameters(a.path) - parameters(b.path))
	.map((route) => {
		const source = route.path.replace(/\{(\w+)(\+?)\}/g, (_, name, greedy) => `(?<${name}>${greedy ? '.+' : '[^/]+'})`);
		return { route, pattern: new RegExp(`^${source}$`) };
	});

/** A greedy parameter weighs more than all others together. */
function parameters(path: string): number {
	return (path.match(/\{\w+\}/g)?.length ?? 0) + 100 * (path.match(/\{\w+\+\}/g)?.length ?? 0);
}
