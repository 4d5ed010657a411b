import type { Configuration } from '../../infra/settings/configuration-schema.ts';

/** The maximum of the setting. The last logins of a trial come half an hour after the first. */
const tokenAgeSeconds = 86_400;

/**
 * The configuration of a trial: data goes with the stack, and one ID token logs in many times. It
 * has no domain, no public address and no topic, because those belong to the real deployment. It
 * sets no executions of the account aside. It has no limits that an ID token outgrows while it is
 * tried: its age, the time since the authentication, the number of sessions, and timeouts that are
 * shorter than those of the level.
 */
export function trialConfiguration(configuration: Configuration): Configuration {
	const {
		domain: _domain,
		publicUrl: _publicUrl,
		alarmsTopicArn: _alarmsTopicArn,
		reservedConcurrency: _reservedConcurrency,
		quota: _quota,
		endingMaxAuthenticationAgeSeconds: _endingAge,
		timeouts,
		...others
	} = configuration;
	return {
		...others,
		timeouts: typeof timeouts === 'object' ? timeouts.level : timeouts,
		issuers: configuration.issuers.map(({ timeouts: _timeouts, ...issuer }) => ({
			...issuer,
			reusableTokens: true,
			maxTokenAgeSeconds: tokenAgeSeconds,
		})),
		services: configuration.services.map(({ maxAuthenticationAgeSeconds: _age, ...service }) => service),
		data: 'delete',
	};
}
