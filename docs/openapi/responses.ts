import { type ProblemCode, problems } from '../../functions/session-server/http/problem.ts';
import { type HeaderName, headersWith, optionalHeadersWith } from './headers.ts';
import type { Answer, OperationContract } from './operations.ts';
import { type BodyName, refTo } from './schemas.ts';

/** Problems of every operation. */
const ofEveryOperation: readonly ProblemCode[] = ['distribution_required', 'internal', 'unavailable'];

/** Statuses with which API Gateway answers by itself. 431: the head of the request is too large. */
const ofGateway: readonly number[] = [413, 429, 431, 500, 503];

const anything = { '*/*': {} };

type Problematic = Pick<OperationContract, 'needs' | 'problemHeaders' | 'showsPages' | 'forwards'>;

type Answering = Problematic & Pick<OperationContract, 'answers' | 'problems'>;

/** The responses of an operation, by their status. */
export function responsesOf(contract: Answering): Readonly<Record<string, object>> {
	const codes = new Set([...contract.problems, ...ofEveryOperation]);
	const responses: Record<string, object> = { 431: problemResponseOf(contract, 431, []) };
	for (const answer of contract.answers) responses[answer.status] = responseOf(answer);
	for (const [status, some] of Map.groupBy(codes, (code) => problems[code].status))
		responses[status] = problemResponseOf(contract, status, some);
	if (contract.forwards) responses['default'] = { description: 'The answer of the service.', content: anything };
	return responses;
}

function responseOf({ means, body = [], headers = [] }: Answer): object {
	const [only, ...others] = [body].flat().map((name: BodyName) => refTo('schemas', name));
	const schema = others.length === 0 ? only : { anyOf: [only, ...others] };
	return {
		description: means,
		headers: headersWith(headers),
		...(schema === undefined ? {} : { content: { 'application/json': { schema } } }),
	};
}

function problemResponseOf(contract: Problematic, status: number, codes: readonly ProblemCode[]): object {
	const problem = { allOf: [refTo('schemas', 'Problem'), { properties: { code: { enum: codes } } }] };
	const problemContent = {
		'application/problem+json': { schema: problem },
		...(contract.showsPages ? { 'text/html': { schema: { type: 'string' } } } : {}),
	};
	const gatewayContent = { 'application/json': { schema: refTo('schemas', 'GatewayMessage') } };
	return {
		description: descriptionOf(codes),
		headers: (contract.forwards ? optionalHeadersWith : headersWith)(problemHeaders(contract, status)),
		content: {
			...(codes.length > 0 ? problemContent : {}),
			...(ofGateway.includes(status) ? gatewayContent : {}),
			...(contract.forwards ? anything : {}),
		},
	};
}

function descriptionOf(codes: readonly ProblemCode[]): string {
	const [only, ...others] = codes;
	if (only === undefined) return 'The address and the headers of the request are too large.';
	if (others.length === 0) return problems[only].title;
	return codes.map((code) => `- \`${code}\`: ${problems[code].title}`).join('\n');
}

function problemHeaders({ needs, problemHeaders: own = [] }: Problematic, status: number): readonly HeaderName[] {
	const when = (holds: boolean, name: HeaderName): readonly HeaderName[] => (holds ? [name] : []);
	return [
		...own,
		...when(status === 401, 'www-authenticate'),
		// Clears the cookie of a dead token.
		...when(status === 401 && needs === 'session', 'set-cookie'),
		// These are about the session, or come after a decision about it.
		...when(needs === 'session' && [401, 403, 404, 502, 504].includes(status), 'x-session-evidence'),
		...when(status === 429 || status === 503, 'retry-after'),
		...when(status === 405, 'allow'),
	];
}
