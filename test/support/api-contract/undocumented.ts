import { anyMethods } from '../../../functions/session-server/deployment/routes.ts';
import { contract, faultsOf, type Response, resolved } from './contract.ts';

/** An answer of the API to a request. */
export interface Answered {
	readonly method: string;
	/** Without the query. */
	readonly path: string;
	readonly status: number;
	/** By their names in lower case. */
	readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
	readonly body: string;
}

/**
 * The parts of an answer that the contract does not document: a status, a code, a header, a cookie
 * or a field. Empty if the answer is documented.
 */
export function undocumented(answered: Answered): readonly string[] {
	const { method, path, status } = answered;
	// API Gateway routes no others.
	if (!methods.has(method)) return [];
	const response = responseOf(answered);
	if (response === undefined) return [`${method} ${path} answers ${status}`];
	const content = contentOf(response, answered);
	// A service answers what it likes.
	if (content === 'open') return [];
	return [...faultsOfHeaders(response, answered), ...content].map(
		(fault) => `${method} ${path} answers ${status}: ${fault}`,
	);
}

const methods: ReadonlySet<string> = new Set(anyMethods);

/** Those that match fewer paths come first, and the default route is last. */
const paths = Object.keys(contract.paths)
	.sort((a, b) => generality(a) - generality(b))
	.map((path) => ({
		item: contract.paths[path] ?? {},
		isDefault: path === '/{proxy}',
		pattern: new RegExp(`^${path.replace('/{proxy}', '(?:/[^]*)?').replace(/\{\w+\}/g, '[^/]+')}$`),
	}));

function generality(path: string): number {
	if (path === '/{proxy}') return 3;
	return path.includes('{proxy}') ? 2 : Number(path.includes('{'));
}

/** A path without the method of the request answers 405. */
function responseOf({ method, path, status }: Answered): Response | undefined {
	const found = paths.find(({ pattern }) => pattern.test(path)) ?? paths.find(({ isDefault }) => isDefault);
	const operation = found?.item[method.toLowerCase()] ?? (status === 405 ? found?.item['options'] : undefined);
	const response = operation?.responses[status] ?? operation?.responses['default'];
	return response && resolved(response);
}

/** The faults of the body. `open`: the answer may be of a service, so it may have any body. */
function contentOf({ content = {} }: Response, { method, headers, body }: Answered): 'open' | readonly string[] {
	const [type = ''] = String(headers['content-type'] ?? '').split(';');
	const media = content[type];
	if (content['*/*'] !== undefined && !(media !== undefined && isOurProblem(body))) return 'open';
	if (method === 'HEAD') return body === '' ? [] : ['a body'];
	if (body === '') return Object.keys(content).length === 0 ? [] : ['no body'];
	if (media === undefined) return [`a body of the type "${type}"`];
	const { schema } = media;
	return schema === undefined || !type.endsWith('json') ? [] : faultsOf(schema, JSON.parse(body));
}

function isOurProblem(body: string): boolean {
	return /^\{"type":"urn:leasehold:problem:/.test(body);
}

/** Headers about the message and the connection, of API Gateway and of the local region. */
const ofTransport =
	/^(apigw-requestid|connection|content-length|content-type|date|keep-alive|transfer-encoding|x-local-process)$/;

function faultsOfHeaders({ headers: documented = {} }: Response, { headers }: Answered): readonly string[] {
	const valuesOf = (name: string): readonly string[] => [headers[name] ?? []].flat();
	const unknown = Object.keys(headers).filter(
		(name) => valuesOf(name).length > 0 && documented[name] === undefined && !ofTransport.test(name),
	);
	return [
		...unknown.map((name) => `the header ${name}`),
		...Object.entries(documented).flatMap(([name, reference]) => {
			const { required, schema } = resolved(reference);
			const values = valuesOf(name);
			if (values.length === 0) return required ? [`no header ${name}`] : [];
			return values.flatMap((value) =>
				faultsOf(schema, schema.type === 'integer' ? Number(value) : value).map((fault) => `${name}: ${fault}`),
			);
		}),
	];
}
