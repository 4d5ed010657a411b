import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer, ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ControlTable } from './constructs/control-table.ts';
import { DistributionEntrance, type DistributionEntranceProps } from './constructs/distribution-entrance.ts';
import { EncryptionKey } from './constructs/encryption-key.ts';
import { RepairQueue } from './constructs/repair-queue.ts';
import { type Domain, hostOf, SessionApi } from './constructs/session-api.ts';
import { SessionBucket } from './constructs/session-bucket.ts';
import { SessionTable } from './constructs/session-table.ts';
import { TokenKeys } from './constructs/token-keys.ts';
import { isForEmulator } from './emulator/context.ts';
import { addFunctionUrl } from './emulator/function-url.ts';
import { Authorizer } from './functions/authorizer.ts';
import { Bus } from './functions/bus.ts';
import type { DecidingProps } from './functions/deciding-function.ts';
import { checkRepairConcurrency, Repair } from './functions/repair.ts';
import { RotateKeys } from './functions/rotate-keys.ts';
import { SessionServer } from './functions/session-server.ts';
import { Alarms } from './monitoring/alarms.ts';
import { SessionDashboard } from './monitoring/dashboard.ts';
import { grantReadMetrics } from './monitoring/operator-rights.ts';
import type { LeaseholdParts } from './parts.ts';
import { cookieWarnings } from './settings/cookie-warnings.ts';
import { copyBytesMax, type MemorySettings, memoryDefault } from './settings/memory.ts';
import { checkedSettings } from './settings/settings.ts';
import type { SettingsProps } from './settings/settings-props.ts';

export interface LeaseholdProps extends SettingsProps {
	/**
	 * Your own domain name for the API, or one that it shares with other APIs. API Gateway's name is
	 * then disabled.
	 * @default - API Gateway's name
	 */
	readonly domain?: Domain | undefined;
	/**
	 * Whether sessions, token keys and encryption keys are kept when the stack is deleted. `RETAIN`
	 * also protects the tables from deletion. With `DESTROY`, a function is added that empties the
	 * bucket when the stack is deleted.
	 * @default RemovalPolicy.RETAIN
	 */
	readonly removalPolicy?: RemovalPolicy | undefined;
	/**
	 * How long logs are kept.
	 * @default RetentionDays.THREE_MONTHS
	 */
	readonly logRetention?: RetentionDays | undefined;
	/**
	 * Whether X-Ray samples invocations of the functions: one request a second and 5 % of the others.
	 * With little traffic, traces cost more than the requests.
	 * @default false
	 */
	readonly tracing?: boolean | undefined;
	/**
	 * Whether API Gateway publishes its metrics for each route, and not only for the whole API.
	 * CloudWatch charges for each route in use.
	 * @default false
	 */
	readonly detailedMetrics?: boolean | undefined;
	/**
	 * Limits of the whole API: requests per second, and the burst above that. API Gateway answers
	 * 429 beyond them.
	 * @default { rateLimit: 1_000, burstLimit: 1_000 }
	 */
	readonly throttle?: Required<ThrottleSettings> | undefined;
	/**
	 * The topic that is notified when an alarm starts and when it ends.
	 * @default - alarms notify nobody
	 */
	readonly alarmsTopic?: ITopic | undefined;
	/**
	 * Address of the runbook, without a fragment. Each alarm points to its own section there.
	 * @default 'docs/operate/runbook.md'
	 */
	readonly runbook?: string | undefined;
	/**
	 * Memory of each session server and authorizer, and how much of it copies of sessions may use.
	 * @default { functionMb: 512, copiesMb: 32 }
	 */
	readonly memory?: MemorySettings | undefined;
	/**
	 * Executions that are reserved for each function. `repair` must be 10 or more.
	 * @default - the functions share the account's unreserved concurrency
	 */
	readonly reservedConcurrency?:
		| {
				readonly sessionServer?: number | undefined;
				readonly bus?: number | undefined;
				readonly repair?: number | undefined;
		  }
		| undefined;
}

/**
 * The session service: API, session servers, bus, repositories, repair, keys, alarms and a
 * dashboard.
 *
 * @example
 * const leasehold = new Leasehold(stack, 'Sessions', {
 *   issuers: [Issuer.cognito(pool, [client], { name: 'people' })],
 *   services: [{ name: 'orders', allScopes: ['orders'] }],
 * });
 * api.addRoutes({
 *   path: '/orders',
 *   methods: [HttpMethod.ANY],
 *   integration,
 *   authorizer: leasehold.authorizer('orders'),
 * });
 */
export class Leasehold extends Construct {
	/**
	 * The constructs inside, for changes that no property offers. Do not use them to grant rights
	 * to a session server's role: it must have no right on a repository (I9).
	 */
	readonly parts: LeaseholdParts;
	/**
	 * Address of the session servers without API Gateway, with a slash at its end. Only a stack for
	 * an emulator has it.
	 */
	readonly functionUrl: string | undefined;
	private readonly authorizers = new Map<string | undefined, Authorizer>();
	private readonly authorizerProps: DecidingProps;
	private readonly alarms: Alarms;
	private readonly dashboard: SessionDashboard;
	private readonly operators: IRole[] = [];
	private readonly entranceProps: DistributionEntranceProps;
	private entrance: DistributionEntrance | undefined;

	/**
	 * @throws SettingError if a property cannot work. It says which one, and what to choose
	 * instead.
	 */
	constructor(scope: Construct, id: string, props: LeaseholdProps) {
		super(scope, id);
		// All checks come first, because bundling takes much longer than everything else.
		const settings = checkedSettings(props);
		const host = props.domain === undefined ? undefined : hostOf(props.domain);
		for (const { id: warning, text } of cookieWarnings(settings.cookie, props.origins ?? [], host))
			Annotations.of(this).addWarningV2(warning, text);
		const memory = props.memory ?? memoryDefault;
		copyBytesMax(memory);
		checkRepairConcurrency(props.reservedConcurrency?.repair);
		const emulator = isForEmulator(this);
		const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
		const retention = props.logRetention ?? RetentionDays.THREE_MONTHS;
		const reserved = props.reservedConcurrency ?? {};

		// Two keys, so that a session server's role cannot even decrypt what a repository holds.
		const controlKey = new EncryptionKey(this, 'ControlKey', {
			description: 'Leasehold: leases, token keys',
			removalPolicy,
		});
		const repositoryKey = new EncryptionKey(this, 'RepositoryKey', {
			description: 'Leasehold: sessions',
			removalPolicy,
		});
		const controlStore = { encryption: controlKey, removalPolicy };
		const repositoryStore = { encryption: repositoryKey, removalPolicy };
		const tracing = props.tracing ?? false;
		const controlLog = { key: controlKey, retention };
		const controlSide = { log: controlLog, tracing };
		const repositorySide = { log: { key: repositoryKey, retention }, tracing };

		const controlTable = new ControlTable(this, 'ControlTable', controlStore);
		const tokenKeys = new TokenKeys(this, 'TokenKeys', controlStore);
		const rotateKeys = new RotateKeys(this, 'RotateKeys', {
			tokenKeys,
			settings,
			scheduled: !emulator,
			defaults: controlSide,
		});

		const sessionTable = new SessionTable(this, 'SessionTable', repositoryStore);
		const sessionBucket = new SessionBucket(this, 'SessionBucket', {
			...repositoryStore,
			emptied: !emulator,
			absoluteTimeoutMs: settings.timeouts.absoluteMs,
		});
		const repairQueue = new RepairQueue(this, 'RepairQueue', repositoryStore);
		const repair = new Repair(this, 'Repair', {
			queue: repairQueue,
			controlTable,
			sessionTable,
			sessionBucket,
			defaults: { ...repositorySide, reservedConcurrency: reserved.repair },
		});
		const bus = new Bus(this, 'Bus', {
			controlTable,
			sessionTable,
			sessionBucket,
			repairQueue,
			timing: settings.timing,
			feed: settings.feed,
			defaults: { ...repositorySide, reservedConcurrency: reserved.bus },
		});
		const deciding = { controlTable, bus, tokenKeys, settings, memory };
		const sessionServer = new SessionServer(this, 'SessionServer', {
			...deciding,
			defaults: { ...controlSide, reservedConcurrency: reserved.sessionServer },
		});
		const api = new SessionApi(this, 'Api', {
			sessionServer,
			throttle: props.throttle ?? { rateLimit: 1_000, burstLimit: 1_000 },
			domain: props.domain,
			log: controlLog,
			detailedMetrics: props.detailedMetrics ?? false,
		});
		this.parts = {
			controlKey,
			repositoryKey,
			controlTable,
			tokenKeys,
			rotateKeys,
			sessionTable,
			sessionBucket,
			repairQueue,
			repair,
			bus,
			sessionServer,
			api,
		};
		this.functionUrl = emulator ? addFunctionUrl(sessionServer) : undefined;
		this.entranceProps = { ...controlStore, api, sessionServer };
		this.authorizerProps = { ...deciding, defaults: controlSide };
		const runbook = props.runbook ?? 'docs/operate/runbook.md';
		this.alarms = new Alarms(this, 'Alarms', { parts: this.parts, topic: props.alarmsTopic, runbook, emulator });
		this.dashboard = new SessionDashboard(this, 'Dashboard', { parts: this.parts, runbook });
	}

	/** Address of the HTTPS API, without a slash at its end. */
	get url(): string {
		return this.parts.api.url;
	}

	/** Where the DNS name of `domain` must point to. It is undefined if there is no `domain`. */
	get domainTarget(): string | undefined {
		return this.parts.api.domainTarget;
	}

	/** Queue of the repairs that are waiting. */
	get repairQueueArn(): string {
		return this.parts.repairQueue.queue.queueArn;
	}

	get repairQueueUrl(): string {
		return this.parts.repairQueue.queue.queueUrl;
	}

	/** Queue of the repairs that were given up. */
	get deadLetterQueueArn(): string {
		return this.parts.repairQueue.deadLetters.queueArn;
	}

	get deadLetterQueueUrl(): string {
		return this.parts.repairQueue.deadLetters.queueUrl;
	}

	/** The secret that holds the keys that tokens are signed with. */
	get tokenKeysSecretArn(): string {
		return this.parts.tokenKeys.secretArn;
	}

	/**
	 * Returns an authorizer for routes of your own HTTP APIs. Several APIs can share it. There is
	 * one function for each `service` that you name.
	 *
	 * @param service guards the routes that no service of the catalog has among its `routes`.
	 * Without it, requests for such routes are denied.
	 * @throws if the catalog has no service of this name.
	 */
	authorizer(service?: string): IHttpRouteAuthorizer {
		const known = this.authorizers.get(service);
		if (known !== undefined) return known.routeAuthorizer;
		const id = service === undefined ? 'Authorizer' : `Authorizer-${service}`;
		const authorizer = new Authorizer(this, id, { ...this.authorizerProps, service });
		this.authorizers.set(service, authorizer);
		this.alarms.addAuthorizer(id, authorizer);
		this.dashboard.addAuthorizer(id, authorizer);
		for (const role of this.operators) authorizer.log.grantSearch(role);
		return authorizer.routeAuthorizer;
	}

	/**
	 * Puts the API behind your CloudFront distribution, so that your pages and the API have one
	 * origin. Afterwards the API refuses requests that do not come through a distribution. Call it
	 * once for each pattern and distribution.
	 *
	 * The distribution may be in another stack of the same region.
	 *
	 * @param pathPattern such as `/v1/*` or `/services/*`
	 * @throws SettingError if the API has nothing at such paths.
	 */
	addTo(distribution: Distribution, pathPattern: string): void {
		this.entrance ??= new DistributionEntrance(this, 'Entrance', this.entranceProps);
		this.entrance.addTo(distribution, pathPattern);
	}

	/**
	 * Lets `role` do what the runbook asks of operators. That does not include reading sessions.
	 */
	grantOperations(role: IRole): void {
		const { repairQueue, tokenKeys, rotateKeys, sessionServer, bus, repair, api } = this.parts;
		this.operators.push(role); // Authorizers may be added later.
		repairQueue.grantRedrive(role);
		tokenKeys.grantStartRotation(role);
		rotateKeys.grantInvoke(role);
		grantReadMetrics(role);
		for (const { log } of [sessionServer, bus, repair, rotateKeys, ...this.authorizers.values()]) log.grantSearch(role);
		api.accessLog.grantSearch(role);
	}
}
