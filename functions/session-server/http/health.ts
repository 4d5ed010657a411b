import type { Health } from '../operations/health.ts';
import type { ApiContext } from './context.ts';
import { jsonResponse } from './exchange.ts';
import type { Outcome } from './outcome.ts';

/** `GET /health`: reports which dependencies answer. */
export async function health(context: ApiContext): Promise<Outcome> {
	const dependencies = await context.server.health();
	return { response: jsonResponse(200, { status: statusOf(dependencies), dependencies }) };
}

/**
 * Without the bus, no repository answers. Without any repository, the session server decides only
 * about sessions in memory.
 */
function statusOf({ controlTable, repositories }: Health): 'ok' | 'degraded' | 'unavailable' {
	const answers = Object.values(repositories);
	if (!answers.includes(true)) return 'unavailable';
	return controlTable && !answers.includes(false) ? 'ok' : 'degraded';
}
