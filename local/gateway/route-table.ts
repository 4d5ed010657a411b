import { routes } from '../../functions/session-server/deployment/routes.ts';

export interface Route {
	readonly routeKey: string;
	readonly pathParameters?: Readonly<Record<string, string>>;
}

/**
 * The route of a request as API Gateway finds it: the most specific one that its API has. What no route names goes to
 * `$default`, which leads to the same function, so that unknown paths get Leasehold's own answer.
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

/** `{name}` is one segment, `{name+}` the rest of the path. Full matches come before those with parameters. */
const patterns = [...routes]
	.sort((a, b) => parameters(a.path) - parameters(b.path))
	.map((route) => {
		const source = route.path.replace(/\{(\w+)(\+?)\}/g, (_, name, greedy) => `(?<${name}>${greedy ? '.+' : '[^/]+'})`);
		return { route, pattern: new RegExp(`^${source}$`) };
	});

/** Greedy parameters weigh more than all others together. */
function parameters(path: string): number {
	return (path.match(/\{\w+\}/g)?.length ?? 0) + 100 * (path.match(/\{\w+\+\}/g)?.length ?? 0);
}
