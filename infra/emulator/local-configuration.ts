import { demoClientAttributes, demoServices } from '../../local/demo.ts';
import type { Configuration } from '../settings/configuration-schema.ts';

/**
 * The stack's configuration on an emulator: the services of the local region, evidence in answers,
 * and data that is deleted with the stack. `issuer` is the `iss` of ID tokens. It says where its
 * keys are, like the local region's issuer.
 */
export function localConfiguration({ issuer, audience }: { issuer: string; audience: string }): Configuration {
	return {
		issuers: [{ name: 'local', issuer, audience, client: { id: audience } }],
		services: [...demoServices],
		clientAttributes: [...demoClientAttributes],
		evidenceHeader: true,
		data: 'delete',
	};
}
