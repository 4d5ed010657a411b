import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** The parts of an OpenAPI document that answers are compared with. */
export interface Contract {
	readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
	readonly components: {
		readonly responses: Readonly<Record<string, Response>>;
		readonly headers: Readonly<Record<string, Header>>;
	};
}

interface Operation {
	readonly responses: Readonly<Record<string, Response | Reference>>;
}

export interface Response {
	readonly headers?: Readonly<Record<string, Header | Reference>>;
	readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface Header {
	readonly required?: boolean;
	readonly schema: { readonly type?: string };
}

interface Reference {
	readonly $ref: string;
}

/** The committed contract. It may grow, but what the code answers today is in it. */
export const contract: Contract = closed(
	JSON.parse(readFileSync(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')),
);

const root = 'contract';
const ajv = addFormats.default(new Ajv2020({ strict: false, allErrors: true }));
ajv.addSchema({ ...contract, $id: root });
const compiled = new Map<object, ValidateFunction>();

/** The faults of a value, by a schema in the contract. */
export function faultsOf(schema: object, value: unknown): readonly string[] {
	let validate = compiled.get(schema);
	if (validate === undefined) {
		validate = ajv.compile(withRoot(schema));
		compiled.set(schema, validate);
	}
	if (validate(value)) return [];
	return (validate.errors ?? []).map(
		({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
	);
}

/** The response or the header itself, if it is a reference to one. */
export function resolved<Part extends object>(part: Part | Reference): Part {
	if (!('$ref' in part)) return part;
	const { $ref } = part as Reference;
	const [, , kind = '', name = ''] = $ref.split('/');
	const components = contract.components as unknown as Readonly<Record<string, Readonly<Record<string, Part>>>>;
	const found = components[kind]?.[name];
	if (found === undefined) throw new Error(`the contract has no ${$ref}`);
	return found;
}

/** The same schema outside of the document. */
function withRoot(schema: object): object {
	return JSON.parse(JSON.stringify(schema), (key, value) =>
		key === '$ref' && typeof value === 'string' && value.startsWith('#') ? `${root}${value}` : value,
	);
}

/** The same document, in which no object may have fields that its schema does not name. */
function closed(document: object): Contract {
	return JSON.parse(JSON.stringify(document), (_, value) => {
		const isOpen = value?.type === 'object' && 'properties' in value && !('additionalProperties' in value);
		return isOpen ? { ...value, additionalProperties: false } : value;
	});
}
