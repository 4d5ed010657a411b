/** The routes of the HTTPS API: one source for the router, the stack's API and the local region's front. */
export const routes = [
	{ method: 'POST', path: '/v1/sessions', operation: 'login' },
	{ method: 'GET', path: '/v1/sessions', operation: 'listSessions' },
	{ method: 'DELETE', path: '/v1/sessions', operation: 'endOthers' },
	{ method: 'DELETE', path: '/v1/sessions/{handle}', operation: 'endOne' },
	{ method: 'GET', path: '/v1/session', operation: 'view' },
	{ method: 'PATCH', path: '/v1/session', operation: 'update' },
	{ method: 'DELETE', path: '/v1/session', operation: 'logout' },
	{ method: 'GET', path: '/v1/authorize', operation: 'authorize' },
	{ method: 'ANY', path: '/services/{name}/{proxy+}', operation: 'forward' },
	{ method: 'GET', path: '/health', operation: 'health' },
	{ method: 'HEAD', path: '/health', operation: 'health' },
] as const;

export type Operation = (typeof routes)[number]['operation'];
