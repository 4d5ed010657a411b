import { type CommandLine, OptionError, readOptions } from '../../local/cli/options.ts';

/** Options of `npm run deploy:local` and `npm run destroy:local`. */
export type DeployOptions = { readonly endpoint: string } & (
	| { readonly action: 'deploy'; readonly issuer: string; readonly audience: string }
	| { readonly action: 'destroy' }
);

export const usage = `Usage: npm run deploy:local -- --issuer URL [--audience NAME]
       npm run destroy:local

  --issuer URL     the issuer whose ID tokens log in; "npm start" runs one and prints its address
  --audience NAME  the audience of the ID tokens (default: leasehold-local)
  --help           print this

The endpoint is AWS_ENDPOINT_URL (default: http://localhost:4566). "npm run ministack" starts one.
`;

const endpointDefault = 'http://localhost:4566';

/** @param args the action, which the npm script sets, and the user's arguments */
export function parseDeployOptions(
	args: readonly string[],
	environment: Readonly<Record<string, string | undefined>>,
): CommandLine<DeployOptions> {
	return readOptions(
		args,
		{ issuer: { type: 'string' }, audience: { type: 'string' } },
		({ issuer, audience = 'leasehold-local' }, [action, ...others]) => {
			if (others[0] !== undefined) throw new OptionError(`Unexpected argument '${others[0]}'`);
			const endpoint = httpUrl('AWS_ENDPOINT_URL', environment['AWS_ENDPOINT_URL'] || endpointDefault);
			if (new URL(endpoint).hostname.endsWith('.amazonaws.com'))
				throw new OptionError(`${endpoint} is AWS itself: use npm run deploy, without AWS_ENDPOINT_URL`);
			if (action === 'destroy') return { action, endpoint };
			if (action !== 'deploy') throw new OptionError('The action is missing: deploy or destroy');
			if (issuer === undefined) throw new OptionError('--issuer is missing');
			return { action, endpoint, issuer: httpUrl('--issuer', issuer), audience };
		},
	);
}

function httpUrl(name: string, text: string): string {
	const protocol = URL.parse(text)?.protocol;
	if (protocol === 'http:' || protocol === 'https:') return text;
	throw new OptionError(`${name} must be an http or https URL, not "${text}"`);
}
