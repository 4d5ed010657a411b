import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/**
 * The path of a request, without the path at which the API is mounted. `rawPath` begins with the
 * name of the stage, unless that is `$default`. AWS documents that it never has the key of an API
 * mapping. Some emulators leave the key in it.
 *
 * So the path begins where the segments of the chosen route begin. A request without a route goes
 * to `$default`. Then only the stage is known.
 */
export function mountedPath({ rawPath, routeKey, requestContext, pathParameters }: APIGatewayProxyEventV2): string {
	const path = rawPath === '' ? requestContext.http.path : rawPath;
	const route = routeKey?.split(' ')[1];
	const start = route === undefined ? -1 : startOf(route, path, pathParameters ?? {});
	if (start >= 0) return path.slice(start);
	const stage = `/${requestContext.stage}`;
	return `${path}/`.startsWith(`${stage}/`) ? path.slice(stage.length) || '/' : path;
}

/** Where the segments of the route begin in the path. -1 if they are not in it. */
function startOf(route: string, path: string, parameters: Readonly<Record<string, string | undefined>>): number {
	const [fixed = '', rest] = route.split('/{proxy+}');
	if (rest !== undefined) {
		const prefix = fixed.replace(/\{(\w+)\}/g, (_, name) => parameters[name] ?? '');
		return prefix === '' ? -1 : path.indexOf(`${prefix}/`);
	}
	let start = path.length;
	for (let segments = fixed.split('/').length; segments > 1; segments--) {
		if (start <= 0) return -1;
		start = path.lastIndexOf('/', start - 1);
	}
	return start;
}
