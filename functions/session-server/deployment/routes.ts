/**
 * The routes of the HTTPS API. The router, the stack and the local region all take them from here.
 * `{name}` stands for one segment of the path, and `{proxy+}` for all that follow.
 */
export const routes = [
	{ method: 'POST', path: '/v1/sessions', operation: 'login' },
	{ method: 'GET', path: '/v1/sessions', operation: 'listSessions' },
	{ method: 'DELETE', path: '/v1/sessions', operation: 'endOthers' },
	{ method: 'DELETE', path: '/v1/sessions/{handle}', operation: 'endOne' },
	{ method: 'GET', path: '/v1/session', operation: 'view' },
	{ method: 'PATCH', path: '/v1/session', operation: 'update' },
	{ method: 'DELETE', path: '/v1/session', operation: 'logout' },
	{ method: 'GET', path: '/v1/login', operation: 'beginLogin' },
	{ method: 'GET', path: '/v1/login/callback', operation: 'finishLogin' },
	{ method: 'POST', path: '/v1/logout', operation: 'endLogin' },
	{ method: 'ANY', path: '/v1/authorize', operation: 'authorize' },
	{ method: 'ANY', path: '/v1/authorize/{proxy+}', operation: 'authorize' },
	{ method: 'ANY', path: '/services/{name}/{proxy+}', operation: 'forward' },
	{ method: 'GET', path: '/openapi.json', operation: 'serveContract' },
	{ method: 'GET', path: '/health', operation: 'health' },
	{ method: 'HEAD', path: '/health', operation: 'health' },
] as const;

/** The methods that `ANY` stands for. API Gateway routes no others. */
export const anyMethods = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'] as const;

/**
 * The name of an operation of the API. The compiler demands a function for each (`http/api.ts`).
 */
export type Operation = (typeof routes)[number]['operation'];
