import type { Configuration } from '../../infra/settings/configuration-schema.ts';

/**
 * The configuration of a trial: data goes with the stack, and one ID token logs in many times. It
 * has no domain, no public address and no topic, because those belong to the real deployment.
 */
export function trialConfiguration(configuration: Configuration): Configuration {
	const { domain: _domain, publicUrl: _publicUrl, alarmsTopicArn: _alarmsTopicArn, ...others } = configuration;
	return {
		...others,
		issuers: configuration.issuers.map((issuer) => ({ ...issuer, reusableTokens: true })),
		data: 'delete',
	};
}
