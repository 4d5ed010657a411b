export type DeployedAddress =
	/** Without a slash at its end. */
	{ readonly kind: 'api' | 'function-url'; readonly url: string } | { readonly kind: 'none'; readonly problem: string };

/**
 * The address of a stack that was deployed to an emulator, from the stack's outputs. It is the HTTP
 * API's. An emulator without HTTP APIs gives that output a value that is no URL. Then it is the
 * function URL of the session servers.
 */
export function deployedAddress(outputs: Readonly<Record<string, string>>): DeployedAddress {
	const [api, functionUrl] = [outputs['Url'], outputs['FunctionUrl']];
	if (isHttpUrl(api)) return { kind: 'api', url: api };
	if (isHttpUrl(functionUrl) && !isOnAws(functionUrl))
		return { kind: 'function-url', url: functionUrl.replace(/\/$/, '') };
	return {
		kind: 'none',
		problem:
			`The stack is there, but no URL leads to it: its output Url is "${api}", and FunctionUrl is "${functionUrl}". ` +
			'The endpoint has neither HTTP APIs nor function URLs. ' +
			'Run "npm run destroy:local", and deploy to another endpoint, such as that of "npm run ministack".',
	};
}

function isHttpUrl(text: string | undefined): text is string {
	const protocol = text === undefined ? undefined : URL.parse(text)?.protocol;
	return protocol === 'http:' || protocol === 'https:';
}

/** Some emulators report the address that the function URL would have on AWS. */
function isOnAws(url: string): boolean {
	return new URL(url).hostname.endsWith('.on.aws');
}
