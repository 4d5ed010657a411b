import type { Duration } from 'aws-cdk-lib';
import type { Quota } from '../../functions/access/quota.ts';
import type { ServiceRule } from '../../functions/access/service-catalog.ts';
import type { PackedLayout } from '../../functions/control-table/feed-layout.ts';
import type { CookieOptions } from '../../functions/session-server/deployment/browser-settings.ts';
import type { Issuer } from '../../functions/session-server/deployment/issuers.ts';
import type { TimeoutSetting } from '../../functions/session-server/deployment/timeout-options.ts';

/** Limits of one client at one instance. Ten times as much is allowed at once. */
export interface ClientLimits {
	/**
	 * Requests with one token each second, 11 or more. A request that needs the bus counts as 5 more,
	 * a change as 15, and a list or an end of all other sessions as 100.
	 * @default 100
	 */
	readonly requestsPerSecond?: number | undefined;
	/**
	 * Failed logins from one source address each second. Choose more if all clients share the address
	 * of a proxy.
	 * @default 10
	 */
	readonly failedLoginsPerSecond?: number | undefined;
}

/** Settings of sessions: issuers, services, limits and times. */
export interface SettingsProps {
	/**
	 * OIDC issuers whose ID tokens log in, 1 to 500. `Issuer` makes entries from constructs.
	 */
	readonly issuers: readonly Issuer[];
	/** The services that sessions can be used for, each with its rule. */
	readonly services: readonly ServiceRule[];
	/**
	 * Timeouts by assurance level (NIST SP 800-63B-4): `aal1` 30 days; `aal2` 24 hours, or 1 hour
	 * idle; `aal3` 12 hours, or 15 minutes idle.
	 *
	 * An object has the level as `level`, and `absoluteSeconds`, `idleSeconds` and `persistent`
	 * within its limits. Entries of `issuers` can have their own in `timeouts`.
	 * @default 'aal2'
	 */
	readonly timeouts?: TimeoutSetting | undefined;
	/**
	 * How many sessions a subject may have at once, at most 100, and what the next login does.
	 * @default { max: 100, action: 'end-oldest' }
	 */
	readonly quota?: Quota | undefined;
	/**
	 * The longest time since the subject authenticated, in seconds, for a client that ends other
	 * sessions than its own. Older ones are answered 403.
	 * @default no limit
	 */
	readonly endingMaxAuthenticationAgeSeconds?: number | undefined;
	/**
	 * The limits of one client at one instance. Beyond them it gets 429. A client that is spread over
	 * several instances gets as much from each.
	 * @default { requestsPerSecond: 100, failedLoginsPerSecond: 10 }
	 */
	readonly clientLimits?: ClientLimits | undefined;
	/**
	 * Names of the attributes that clients may read and write, at most 64.
	 * @default []
	 */
	readonly clientAttributes?: readonly string[] | undefined;
	/**
	 * The origins, such as `https://app.example.com`, whose pages may call the API with credentials
	 * and read its answers (CORS), and to which a login may return. At most 50,
	 * without patterns. `docs/browsers.md` has the layouts.
	 * @default [] - only pages of the API's own origin
	 */
	readonly origins?: readonly string[] | undefined;
	/**
	 * The session cookie. Each field but `sameSite: 'strict'` and `renewalSeconds` weakens it, and
	 * synthesis warns of it.
	 * @default { name: '__Host-Http-session', sameSite: 'lax' } - for the API's host alone
	 */
	readonly cookie?: CookieOptions | undefined;
	/**
	 * The address at which browsers reach the API, without `/v1`: needed behind a proxy that changes
	 * the host, and below a path.
	 * @default - the host of each request
	 */
	readonly publicUrl?: string | undefined;
	/**
	 * The staleness bound: how far a copy in memory may be behind an acknowledged change. At least
	 * 500 ms. Together with one second for the renewal, it must fit into two thirds of a lease.
	 * @default Duration.seconds(2)
	 */
	readonly maxStaleness?: Duration | undefined;
	/**
	 * How long a lease lasts. Failover takes at least this long.
	 * @default Duration.seconds(10)
	 */
	readonly leaseDuration?: Duration | undefined;
	/**
	 * Packs the feed, for fleets of more than some 300 instances. A deployment guide has the numbers:
	 * `docs/operate/deploy.md`. Set it, change it and remove it with a deployment that does not
	 * change the release. It takes effect ten minutes later.
	 * @default each change is an item of one partition
	 */
	readonly feed?: PackedLayout | undefined;
	/**
	 * Whether answers show clients the evidence of their decision, in the header
	 * `x-session-evidence`. For development.
	 * @default false
	 */
	readonly evidenceHeader?: boolean | undefined;
	/**
	 * How many allowed decisions from memory each instance logs in a second. All other decisions and
	 * all changes are logged. The metric `Decisions` counts them all.
	 * @default 0
	 */
	readonly warmLinesPerSecond?: number | undefined;
	/**
	 * Until when sessions without a signature are accepted, such as `2026-12-31T00:00:00Z`. After an
	 * upgrade from a release that did not sign, set the time at which its last session ends.
	 * @default they are not accepted
	 */
	readonly unsignedSessionsUntil?: string | undefined;
}
