import { routes } from '../../functions/session-server/deployment/routes.ts';
import { contracts } from '../openapi/operations.ts';
import { code, table } from './markdown.ts';

/** The routes of the API. */
export function routesTable(): string {
	return table(
		['route', 'needs', 'does'],
		routes.map(({ method, path, operation }) => {
			const { needs, does } = contracts[operation];
			return [code(`${method} ${path}`), needs, does];
		}),
	);
}
