import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { headers } from './headers.ts';
import { tags } from './operations.ts';
import { parameters } from './parameters.ts';
import { pathItems } from './paths.ts';
import { schemas } from './schemas.ts';
import { securitySchemes } from './security.ts';
import { withSharedResponses } from './shared-responses.ts';

/**
 * The API as an OpenAPI 3.1 document. The routes are those of the router, and the schemas those
 * that validate requests. `contracts` has the rest.
 */
export function openApiDocument(): object {
	const { paths, responses } = withSharedResponses(pathItems());
	return {
		openapi: '3.1.1',
		info: {
			title: 'Leasehold',
			summary: 'A session service. A session outlives the server that holds it.',
			description: [
				'Errors are `application/problem+json` (RFC 9457) with a stable `code`.',
				'Answers may get new fields and headers.',
				'API Gateway makes some answers itself. They have a `message`, and no `code`.',
				'The parameter `proxy` of a path stands for all that follows, slashes included.',
			].join('\n'),
			license: { name: 'MIT', identifier: 'MIT' },
			version: packageVersion(),
		},
		servers: [{ url: '/', description: 'The host of this document. An API below a path is there.' }],
		tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
		paths,
		components: { schemas: schemas(), responses, parameters, headers: headers(), securitySchemes },
	};
}

function packageVersion(): string {
	const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
	return String(version);
}

interface OpenApiFile {
	/** Relative to the repository. */
	readonly path: string;
	readonly absolutePath: string;
	/** The text of the file, if there is one. */
	readonly text: string | undefined;
	/** The text as the code has it now. */
	readonly current: string;
}

export function openApiFile(): OpenApiFile {
	const path = 'docs/openapi.json';
	const absolutePath = fileURLToPath(new URL(`../../${path}`, import.meta.url));
	return {
		path,
		absolutePath,
		text: existsSync(absolutePath) ? readFileSync(absolutePath, 'utf8') : undefined,
		current: `${JSON.stringify(openApiDocument(), undefined, '\t')}\n`,
	};
}
