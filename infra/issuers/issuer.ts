import type { IUserPool, IUserPoolClient } from 'aws-cdk-lib/aws-cognito';
import type { Issuer as Entry } from '../../functions/session-server/deployment/issuers.ts';

/** The fields of an entry that its constructs do not give. */
export type CognitoOptions = Partial<Omit<Entry, 'preset' | 'issuer' | 'tenants' | 'audience'>>;

/** Entries for the property `issuers` of `Leasehold` that are made from constructs. */
export const Issuer = {
	/**
	 * A user pool of Amazon Cognito. Users log in with the ID tokens of these clients, and their
	 * groups are scopes. A user is the same subject with every client.
	 *
	 * @param options other fields of the entry; `name` is `cognito` by default
	 */
	cognito(userPool: IUserPool, clients: readonly IUserPoolClient[], options: CognitoOptions = {}): Entry {
		const { userPoolProviderName } = userPool;
		return {
			name: 'cognito',
			...options,
			preset: 'cognito',
			// A pool has the second form once its issuer is set to `UPDATED`.
			issuer: [`https://${userPoolProviderName}`, `https://issuer-${userPoolProviderName}`],
			audience: clients.map(({ userPoolClientId }) => userPoolClientId),
		};
	},
};
