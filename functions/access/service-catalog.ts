import * as v from 'valibot';

const routeKeyPattern = /^(\$default|(ANY|DELETE|GET|HEAD|OPTIONS|PATCH|POST|PUT) \/[^\s?#]*)$/;
const routeKeyExpected = 'must be a route key, like "GET /orders/{id}" or "$default"';
const baseUrlExpected = 'must be an http or https URL without user, query and fragment';

/** Credentials in a URL would be in every log of the catalog; a query or fragment could not come before a path. */
function isBaseUrl(text: string): boolean {
	const url = URL.parse(text);
	if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return false;
	return url.username === '' && url.password === '' && !/[?#]/.test(text);
}

/**
 * The services that sessions may be used for, each with its rule. One typed catalog, shipped with the session server.
 * Every limit that a rule leaves out does not apply.
 */
export const serviceRuleSchema = v.strictObject({
	name: v.pipe(
		v.string(),
		v.regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be 1 to 63 lowercase letters, digits and hyphens'),
	),
	/** Where requests for `/services/{name}/…` go on to. A path in it comes before theirs. */
	url: v.optional(v.pipe(v.string(), v.maxLength(2_048), v.check(isBaseUrl, baseUrlExpected))),
	/**
	 * Routes of HTTP APIs that the Lambda authorizer guards by this rule, as API Gateway names them: `GET /orders/{id}`,
	 * `ANY /orders/{proxy+}`, `$default`.
	 */
	routes: v.optional(v.pipe(v.array(v.pipe(v.string(), v.regex(routeKeyPattern, routeKeyExpected))), v.maxLength(300))),
	/** At least one of these scopes. */
	anyScope: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(32), v.readonly())),
	/** Every one of these scopes. */
	allScopes: v.optional(v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(32), v.readonly())),
	/** NIST SP 800-63B-4 assurance level that the subject must have reached. */
	minAssurance: v.optional(v.picklist([1, 2, 3])),
	/** Seconds since the subject last proved who they are. */
	maxAuthenticationAge: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
	/** `bounded`: within the staleness bound; `strict`: every change acknowledged before the request arrived. */
	freshness: v.optional(v.picklist(['bounded', 'strict'])),
	/**
	 * While the only repository within reach may have missed a change: `unavailable`, the default, or `allow`, by the record that
	 * it has. A session that was revoked in the meantime is let in then.
	 */
	degraded: v.optional(v.picklist(['unavailable', 'allow'])),
});

export type ServiceRule = Readonly<v.InferOutput<typeof serviceRuleSchema>>;
export type Freshness = 'bounded' | 'strict';
/** What a read has to come up to. `lenient`: as `bounded`, and a repository that missed changes is better than none. */
export type Demand = Freshness | 'lenient';

export function demandOf({ freshness = 'bounded', degraded = 'unavailable' }: ServiceRule): Demand {
	return degraded === 'allow' ? 'lenient' : freshness;
}

/** A service's rule, with what a read for it has to come up to. */
export type CatalogedService = ServiceRule & { readonly demand: Demand };

/** Services by name. */
export type ServiceCatalog = ReadonlyMap<string, CatalogedService>;

/** More services than this behind one session are several systems. */
const servicesMax = 500;
const catalogSchema = v.pipe(v.array(serviceRuleSchema), v.maxLength(servicesMax));

/** @throws naming the entry and field that is wrong. */
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

/** The service that guards each route. @throws naming the route that two services have. */
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
