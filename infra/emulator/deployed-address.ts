/** Where the API of a deployment is, or why it cannot be called. */
export type DeployedAddress =
	| {
			readonly kind: 'served';
			/** Without a slash at its end. */
			readonly url: string;
			/** A line for the user. It is undefined if there is nothing to know. */
			readonly notice: string | undefined;
	  }
	| { readonly kind: 'not served'; readonly problem: string };

/**
 * Chooses the address of the API from the outputs of the stack: that of the HTTP API, or else that
 * of the function URL. An emulator that lacks a resource may report it as created, with an
 * attribute such as `unknown`.
 *
 * @param endpoint the emulator's
 */
export function deployedAddress(
	{ Url: api, FunctionUrl: functionUrl }: Readonly<Record<string, string | undefined>>,
	endpoint: string,
): DeployedAddress {
	if (isHttpUrl(api)) return { kind: 'served', url: withoutSlash(api), notice: undefined };
	if (isHttpUrl(functionUrl) && !isOnAws(functionUrl))
		return {
			kind: 'served',
			url: withoutSlash(functionUrl),
			notice: `${endpoint} has no HTTP APIs, so this is a function URL: without throttling, and without the authorizer.`,
		};
	return {
		kind: 'not served',
		problem: `The stack was deployed, but its API cannot be called: ${endpoint} has neither HTTP APIs (it calls the address "${api}") nor function URLs ("${functionUrl}"). Remove the stack with "npm run destroy:local", and use another endpoint, such as "npm run ministack".`,
	};
}

function isHttpUrl(text: string | undefined): text is string {
	return text !== undefined && URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Some emulators report the address that a function URL would have on AWS. */
function isOnAws(url: string): boolean {
	return new URL(url).hostname.endsWith('.on.aws');
}

function withoutSlash(url: string): string {
	return url.replace(/\/$/, '');
}
