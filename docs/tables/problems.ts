import { type ProblemCode, problems } from '../../functions/session-server/http/problem.ts';
import { code, table } from './markdown.ts';

/** When a client may retry. Every other problem needs another request, or another session. */
const retries: Partial<Record<ProblemCode, string>> = {
	version_conflict: 'after a read',
	quota_exceeded: 'after a session was ended',
	too_many_requests: 'after `Retry-After`',
	internal: 'after a look into the log',
	login_state_invalid: 'after a new login begins',
	issuer_answer_invalid: 'once',
	issuer_unavailable: 'after `Retry-After`',
	service_unreachable: 'if the request may be repeated',
	service_timeout: 'if the request may be repeated',
	unavailable: 'after `Retry-After`',
};

/** The codes of the API's problems. */
export function problemsTable(): string {
	const codes = (Object.keys(problems) as ProblemCode[]).sort((a, b) => problems[a].status - problems[b].status);
	return table(
		['code', 'status', 'title', 'retry'],
		codes.map((name) => [code(name), String(problems[name].status), problems[name].title, retries[name] ?? 'no']),
	);
}
