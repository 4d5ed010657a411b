import * as v from 'valibot';

const routeKeyPattern = /^(\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/[^\s?#]*)$/;
const routeKeyExpected = 'must be a route key, like "GET /orders/{id}" or "$default"';
const baseUrlExpected = 'must be an http or https URL without user, query and fragment';

/**
 * Credentials in the URL would be in every log of the catalog. No path can follow a query or a
 * fragment.
 */
function isBaseUrl(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
	return url.username === '' && url.password === '' && !/[?#]/.test(text);
}

/**
 * The rule of a service that sessions may be used for. A limit that the rule leaves out does not
 * apply.
 */
export const serviceRuleSchema = v.strictObject({
	name: v.pipe(
		v.string(),
		v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lowercase letters, digits and hyphens'),
	),
	/**
	 * Where requests for `/services/{name}/…` are forwarded. The URL's own path comes before
	 * theirs.
	 */
	url: v.optional(v.pipe(v.string(), v.maxLength(2_048), v.check(isBaseUrl, baseUrlExpected))),
	/**
	 * The routes of HTTP APIs that the Lambda authorizer guards with this rule. They have the form
	 * of API Gateway's route keys: `GET /orders/{id}`, `ANY /orders/{proxy+}`, `$default`.
	 */
	routes: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(routeKeyPattern, routeKeyExpected))), v.maxLength(300))),
	/** The session must have at least one of these scopes. */
	anyScope: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(32), v.readonly())),
	/** The session must have all of these scopes. */
	allScopes: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(32), v.readonly())),
	/** The NIST SP 800-63B-4 assurance level that the subject must have reached. */
	minAssurance: v.optional(v.picklist([1, 2, 3])),
	/** The longest time since the subject last proved their identity. */
	maxAuthenticationAgeSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
	/** The former name of `maxAuthenticationAgeSeconds`, refused with the new one. */
	maxAuthenticationAge: v.optional(v.custom<never>(() => false, 'has a new name: maxAuthenticationAgeSeconds')),
	/**
	 * How recent a session must be. `bounded`: within the staleness bound. `strict`: it has every
	 * change that was acknowledged before the request arrived.
	 *
	 * @default 'bounded'
	 */
	freshness: v.optional(v.picklist(['bounded', 'strict'])),
	/**
	 * The answer while the only available repository may have missed a change. `unavailable`:
	 * requests get a 503. `allow`: the rule is applied to the record of that repository. Then the
	 * service also lets in a session that was revoked in the meantime.
	 *
	 * @default 'unavailable'
	 */
	degraded: v.optional(v.picklist(['unavailable', 'allow'])),
});

export type ServiceRule = Readonly<Omit<v.InferOutput<typeof serviceRuleSchema>, 'maxAuthenticationAge'>>;

export type Freshness = 'bounded' | 'strict';

/**
 * The demand on a read. `lenient`: as `bounded`, but a repository that may have missed changes is
 * accepted.
 */
export type Demand = Freshness | 'lenient';

export function demandOf({ freshness = 'bounded', degraded = 'unavailable' }: ServiceRule): Demand {
	return degraded === 'allow' ? 'lenient' : freshness;
}

/** A service's rule, with what a read for it has to come up to. */
export type CatalogedService = ServiceRule & { readonly demand: Demand };

/** Services by name. */
export type ServiceCatalog = ReadonlyMap<string, CatalogedService>;

/** A system with more services than this should be several systems. */
const servicesMax = 500;
const catalogSchema = v.pipe(v.array(serviceRuleSchema), v.maxLength(servicesMax));

/** @throws when the catalog is wrong. The message names the entry and the field. */
export function parseServiceCatalog(value: unknown): ServiceCatalog {
	const result = v.safeParse(catalogSchema, value);
	if (!result.success) {
		const [issue] = result.issues;
		throw new Error(`service catalog, ${v.getDotPath(issue) ?? 'top level'}: ${issue.message}`);
	}
	const catalog = new Map<string, CatalogedService>();
	for (const rule of result.output) {
		if (rule.freshness === 'strict' && rule.degraded === 'allow')
			throw new Error(`service catalog: ${rule.name} is strict, so degraded must be unavailable`);
		if (catalog.has(rule.name)) throw new Error(`service catalog: two services are named ${rule.name}`);
		catalog.set(rule.name, Object.freeze({ ...rule, demand: demandOf(rule) }));
	}
	return catalog;
}

/**
 * The service that guards each route.
 *
 * @throws when two services have the same route. The message names it.
 */
export function servicesByRoute(catalog: ServiceCatalog): ReadonlyMap<string, string> {
	const services = new Map<string, string>();
	for (const { name, routes = [] } of catalog.values())
		for (const route of routes) {
			const other = services.get(route);
			if (other !== undefined) throw new Error(`service catalog: both ${other} and ${name} have the route ${route}`);
			services.set(route, name);
		}
	return services;
}
