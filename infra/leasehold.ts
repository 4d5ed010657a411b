import { RemovalPolicy } from 'aws-cdk-lib';
import type { IHttpRouteAuthorizer, ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { ControlTable } from './constructs/control-table.ts';
import { EncryptionKey } from './constructs/encryption-key.ts';
import { RepairQueue } from './constructs/repair-queue.ts';
import { type Domain, SessionApi } from './constructs/session-api.ts';
import { SessionBucket } from './constructs/session-bucket.ts';
import { SessionTable } from './constructs/session-table.ts';
import { TokenKeys } from './constructs/token-keys.ts';
import { Authorizer } from './functions/authorizer.ts';
import { Bus } from './functions/bus.ts';
import type { DecidingProps } from './functions/deciding-function.ts';
import { checkRepairConcurrency, Repair } from './functions/repair.ts';
import { RotateKeys } from './functions/rotate-keys.ts';
import { SessionServer } from './functions/session-server.ts';
import { Alarms } from './monitoring/alarms.ts';
import { SessionDashboard } from './monitoring/dashboard.ts';
import { grantReadLog, grantReadMetrics } from './monitoring/operations.ts';
import { copyBytesMax, type MemorySettings, memoryDefault } from './settings/memory.ts';
import { checkedSettings, type SettingsProps } from './settings/settings.ts';

export interface LeaseholdProps extends SettingsProps {
	/** A name of one's own for the API; API Gateway's unless given. */
	readonly domain?: Domain | undefined;
	/** What becomes of sessions and keys when the stack goes; they are kept, and protected from deletion, unless given. */
	readonly removalPolicy?: RemovalPolicy | undefined;
	/** For how long logs are kept; three months unless given. */
	readonly logRetention?: RetentionDays | undefined;
	/** Requests that the API takes; 1,000 a second and as many at once unless given. */
	readonly throttle?: Required<ThrottleSettings> | undefined;
	/** Who is told of alarms; nobody unless given. */
	readonly alarmsTopic?: ITopic | undefined;
	/** Address of the runbook that alarms and the dashboard point to; `docs/runbook.md`, for whoever has this repository, unless given. */
	readonly runbook?: string | undefined;
	/**
	 * Leaves out what emulators of AWS refuse to provision: the schedule that rotates token keys, and alarms over sums of
	 * metrics; and what they do not need: a function that empties the bucket. For nothing else: with it, keys are never replaced.
	 */
	readonly emulator?: boolean | undefined;
	/** Memory of session servers and authorizers; 512 MB, of which 32 for copies, unless given. */
	readonly memory?: MemorySettings | undefined;
	/** Executions set aside for each function; all from the account's common pool unless given. */
	readonly reservedConcurrency?:
		| {
				readonly sessionServer?: number | undefined;
				readonly bus?: number | undefined;
				readonly repair?: number | undefined;
		  }
		| undefined;
}

export interface LeaseholdParts {
	readonly controlKey: EncryptionKey;
	readonly repositoryKey: EncryptionKey;
	readonly controlTable: ControlTable;
	readonly tokenKeys: TokenKeys;
	readonly rotateKeys: RotateKeys;
	readonly sessionTable: SessionTable;
	readonly sessionBucket: SessionBucket;
	readonly repairQueue: RepairQueue;
	readonly repair: Repair;
	readonly bus: Bus;
	readonly sessionServer: SessionServer;
	readonly api: SessionApi;
}

/** Leasehold, to be put into a stack. */
export class Leasehold extends Construct {
	/** The HTTPS API, with no slash at its end. */
	readonly url: string;
	/** What it consists of, for those who add to it. */
	readonly parts: LeaseholdParts;
	private readonly authorizers = new Map<string | undefined, Authorizer>();
	private readonly authorizerProps: DecidingProps;
	private readonly alarms: Alarms;
	private readonly dashboard: SessionDashboard;
	private readonly operators: IRole[] = [];

	constructor(scope: Construct, id: string, props: LeaseholdProps) {
		super(scope, id);
		// All checks before anything is made: to bundle a function takes longer than all else.
		const settings = checkedSettings(props);
		const memory = props.memory ?? memoryDefault;
		copyBytesMax(memory);
		checkRepairConcurrency(props.reservedConcurrency?.repair);
		const emulator = props.emulator === true;
		const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
		const logRetention = props.logRetention ?? RetentionDays.THREE_MONTHS;
		const { sessionServer: sessionServers, bus: buses, repair: repairs } = props.reservedConcurrency ?? {};

		// Two keys, so that a session server's role cannot even decrypt what a repository holds.
		const controlKey = new EncryptionKey(this, 'ControlKey', {
			description: 'Leasehold: leases, token keys',
			removalPolicy,
		});
		const repositoryKey = new EncryptionKey(this, 'RepositoryKey', {
			description: 'Leasehold: sessions',
			removalPolicy,
		});

		const controlTable = new ControlTable(this, 'ControlTable', { encryption: controlKey, removalPolicy });
		const tokenKeys = new TokenKeys(this, 'TokenKeys', { encryption: controlKey, removalPolicy });
		const rotateKeys = new RotateKeys(this, 'RotateKeys', {
			tokenKeys,
			settings,
			scheduled: !emulator,
			logKey: controlKey,
			logRetention,
		});

		const sessionTable = new SessionTable(this, 'SessionTable', { encryption: repositoryKey, removalPolicy });
		const sessionBucket = new SessionBucket(this, 'SessionBucket', {
			encryption: repositoryKey,
			removalPolicy,
			emptied: !emulator,
			absoluteTimeoutMs: settings.timeouts.absoluteMs,
		});
		const repairQueue = new RepairQueue(this, 'RepairQueue', {
			encryption: repositoryKey,
			removalPolicy,
		});
		const repair = new Repair(this, 'Repair', {
			queue: repairQueue,
			sessionTable,
			sessionBucket,
			logKey: repositoryKey,
			logRetention,
			reservedConcurrency: repairs,
		});
		const bus = new Bus(this, 'Bus', {
			controlTable,
			sessionTable,
			sessionBucket,
			repairQueue,
			timing: settings.timing,
			logKey: repositoryKey,
			logRetention,
			reservedConcurrency: buses,
		});
		const deciding = { controlTable, bus, tokenKeys, settings, memory, logKey: controlKey, logRetention };
		const sessionServer = new SessionServer(this, 'SessionServer', {
			...deciding,
			reservedConcurrency: sessionServers,
		});
		const api = new SessionApi(this, 'Api', {
			sessionServer,
			throttle: props.throttle ?? { rateLimit: 1_000, burstLimit: 1_000 },
			domain: props.domain,
			logKey: controlKey,
			logRetention,
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
		this.url = api.url;
		this.authorizerProps = { ...deciding, reservedConcurrency: undefined };
		const runbook = props.runbook ?? 'docs/runbook.md';
		this.alarms = new Alarms(this, 'Alarms', { parts: this.parts, topic: props.alarmsTopic, runbook, emulator });
		this.dashboard = new SessionDashboard(this, 'Dashboard', { parts: this.parts, runbook });
	}

	/**
	 * An authorizer for routes of HTTP APIs of one's own, as many as there are. Which service guards a route is in the catalog
	 * (`routes`), and for all others it is `service`; without one they are denied. Each service has a function of its own.
	 */
	authorizer(service?: string): IHttpRouteAuthorizer {
		const known = this.authorizers.get(service);
		if (known !== undefined) return known.routeAuthorizer;
		const id = service === undefined ? 'Authorizer' : `Authorizer-${service}`;
		const authorizer = new Authorizer(this, id, { ...this.authorizerProps, service });
		this.authorizers.set(service, authorizer);
		this.alarms.addAuthorizer(id, authorizer.function);
		this.dashboard.addAuthorizer(id, authorizer.function);
		for (const role of this.operators) authorizer.function.grantReadLog(role);
		return authorizer.routeAuthorizer;
	}

	/** Lets people and programs do what the runbook asks of them, which is not to read sessions. */
	grantOperations(role: IRole): void {
		const { controlKey, repairQueue, tokenKeys, rotateKeys, sessionServer, bus, repair, api } = this.parts;
		this.operators.push(role); // Authorizers may come later.
		repairQueue.grantRedrive(role);
		tokenKeys.grantStartRotation(role);
		rotateKeys.grantInvoke(role);
		grantReadMetrics(role);
		for (const { function: lambda } of [sessionServer, bus, repair, rotateKeys, ...this.authorizers.values()])
			lambda.grantReadLog(role);
		grantReadLog(role, api.accessLog, controlKey);
	}
}
