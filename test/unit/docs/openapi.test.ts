import { describe, expect, test } from 'vitest';
import { openApiFile } from '../../../docs/openapi/document.ts';
import { anyMethods, routes } from '../../../functions/session-server/deployment/routes.ts';
import { type ProblemCode, problems } from '../../../functions/session-server/http/problem.ts';
import { contract, type Response, resolved } from '../../support/api-contract/contract.ts';

const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
	Object.entries(item).flatMap(([method, operation]) =>
		method === 'parameters' ? [] : [{ path, method, responses: operation.responses }],
	),
);

/** The codes that a response may have. */
function codesOf(response: Response): readonly ProblemCode[] {
	const { schema } = response.content?.['application/problem+json'] ?? {};
	const { allOf = [] } = (schema ?? {}) as { allOf?: { properties?: { code: { enum: ProblemCode[] } } }[] };
	return allOf.flatMap(({ properties }) => properties?.code.enum ?? []);
}

describe('docs/openapi.json', () => {
	test('is as the code has it now; if not, run npm run docs', () => {
		const { text, current } = openApiFile();
		expect(text).toBe(current);
	});

	test('has every route with its methods, preflights and the default route, and no other', () => {
		const documented = routes.flatMap(({ method, path }) =>
			(method === 'ANY' ? anyMethods : [method]).map((one) => `${one} ${path.replace('{proxy+}', '{proxy}')}`),
		);
		const preflights = routes
			.filter(({ path }) => !path.startsWith('/v1/authorize'))
			.map(({ path }) => `OPTIONS ${path.replace('{proxy+}', '{proxy}')}`);
		const byDefault = anyMethods.map((method) => `${method} /{proxy}`);
		expect(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`).sort()).toEqual(
			[...new Set([...documented, ...preflights, ...byDefault])].sort(),
		);
	});

	test('has every problem, each under its status', () => {
		const found = new Set<ProblemCode>();
		for (const { responses } of operations)
			for (const [status, response] of Object.entries(responses))
				for (const code of codesOf(resolved(response))) {
					expect([code, Number(status)]).toEqual([code, problems[code].status]);
					found.add(code);
				}
		expect([...found].sort()).toEqual(Object.keys(problems).sort());
	});

	test('says of every operation that the distribution, the server and its dependencies may fail it', () => {
		for (const { path, method, responses } of operations)
			if (method !== 'head') {
				const codes = Object.values(responses).flatMap((response) => codesOf(resolved(response)));
				expect([method, path, codes]).toEqual([
					method,
					path,
					expect.arrayContaining(['distribution_required', 'internal', 'unavailable']),
				]);
			}
	});
});
