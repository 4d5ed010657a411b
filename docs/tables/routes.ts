import { type Operation, routes } from '../../functions/session-server/deployment/routes.ts';
import { code, table } from './markdown.ts';

interface Description {
	readonly needs: 'session' | 'ID token' | 'nothing';
	readonly does: string;
}

const descriptions: Readonly<Record<Operation, Description>> = {
	login: { needs: 'ID token', does: '[logs in](#login)' },
	listSessions: { needs: 'session', does: "[lists](#a-subjects-sessions) the subject's sessions" },
	endOthers: { needs: 'session', does: "[ends](#a-subjects-sessions) the subject's other sessions" },
	endOne: { needs: 'session', does: "[ends](#a-subjects-sessions) one of the subject's sessions" },
	view: { needs: 'session', does: 'shows [the session](#the-session)' },
	update: { needs: 'session', does: 'changes [attributes](#the-session)' },
	logout: { needs: 'session', does: '[logs out](#logout)' },
	beginLogin: { needs: 'nothing', does: 'begins a [login in a browser](browser-login.md)' },
	finishLogin: { needs: 'nothing', does: 'finishes a [login in a browser](browser-login.md)' },
	endLogin: { needs: 'nothing', does: 'ends a [login in a browser](browser-login.md#logout)' },
	authorize: { needs: 'session', does: '[decides](#authorize) whether the session may be used for a service' },
	forward: { needs: 'session', does: 'decides, and [forwards](#requests-to-a-service) the request to the service' },
	health: { needs: 'nothing', does: 'says [which dependencies answer](#health)' },
};

/** The routes of the API. */
export function routesTable(): string {
	return table(
		['route', 'needs', 'does'],
		routes.map(({ method, path, operation }) => {
			const { needs, does } = descriptions[operation];
			return [code(`${method} ${path}`), needs, does];
		}),
	);
}
