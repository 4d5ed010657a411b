import { type CommandLine, OptionError, readOptions, refusePositionals } from '../../local/cli/options.ts';

export type TrialOptions = { readonly emulator: true } | AwsOptions;

export interface AwsOptions {
	readonly emulator: false;
	/** The configuration whose issuers and services are tried. */
	readonly configuration: string;
	/** The service whose rule the sessions of `idToken` satisfy. */
	readonly service: string;
	readonly idToken: string;
	/** Whether to spend without asking. */
	readonly yes: boolean;
}

export const usage = `Usage: npm run first-deployment -- --service NAME [options]

Deploys its own stack to your AWS account, tries it, destroys it, and prints a report.
LEASEHOLD_ID_TOKEN must be an ID token of a configured issuer that is valid for half an hour.

  --service NAME        a configured service that this user may use
  --configuration FILE  its issuers and services (default: infra/configuration.json)
  --yes                 do not ask before spending
  --emulator            use a MiniStack instead of AWS; takes no other option
  --help                print this help
`;

export function parseTrialOptions(args: readonly string[], environment: NodeJS.ProcessEnv): CommandLine<TrialOptions> {
	return readOptions<
		{
			readonly service: { readonly type: 'string' };
			readonly configuration: { readonly type: 'string' };
			readonly yes: { readonly type: 'boolean' };
			readonly emulator: { readonly type: 'boolean' };
		},
		TrialOptions
	>(
		args,
		{
			service: { type: 'string' },
			configuration: { type: 'string' },
			yes: { type: 'boolean' },
			emulator: { type: 'boolean' },
		},
		({ service, configuration = 'infra/configuration.json', yes = false, emulator = false }, positionals) => {
			refusePositionals(positionals);
			if (emulator) return { emulator };
			const { LEASEHOLD_ID_TOKEN: idToken } = environment;
			// AWS_ENDPOINT_URL_S3 and others are for one service each.
			const endpoint = Object.keys(environment).find((name) => name.startsWith('AWS_ENDPOINT_URL'));
			if (endpoint !== undefined)
				throw new OptionError(`${endpoint} is set: unset it for AWS, or use --emulator for a MiniStack`);
			if (service === undefined) throw new OptionError('--service is missing');
			if (idToken === undefined) throw new OptionError('LEASEHOLD_ID_TOKEN is missing');
			return { emulator, configuration, service, idToken, yes };
		},
	);
}
