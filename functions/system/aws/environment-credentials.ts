/**
 * Stands for `@aws-sdk/credential-provider-node` in deployed bundles. Lambda hands a function its
 * credentials in environment variables and nowhere else. The SDK's own chain also looks in files,
 * in SSO and at metadata services, and would add 100 kB to each bundle.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env';

export { fromEnv as defaultProvider };
