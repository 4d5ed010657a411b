import { demoClientAttributes, demoServices } from '../../local/demo.ts';
import type { Configuration } from '../settings/configuration.ts';

/**
 * How the stack is configured on an emulator: the services of the local region, answers with their evidence, and nothing that
 * stays. `issuer` is the `iss` of ID tokens and has its keys at `/jwks.json`, as the local region's has.
 */
export function localConfiguration({ issuer, audience }: { issuer: string; audience: string }): Configuration {
	return {
		issuers: [{ name: 'local', issuer, audience, jwksUri: `${issuer}/jwks.json` }],
		services: [...demoServices],
		clientAttributes: [...demoClientAttributes],
		evidenceHeader: true,
		data: 'delete',
	};
}
