import { SQSClient } from '@aws-sdk/client-sqs';
import type { Plugin } from 'esbuild';
import type { ServiceRule } from '../functions/access/service-catalog.ts';
import type { BusVariables } from '../functions/bus/deployment/environment.ts';
import type { SessionServerVariables } from '../functions/session-server/deployment/environment.ts';
import type { Issuer } from '../functions/session-server/deployment/issuers.ts';
import { busFunctionMs, repairFunctionMs, sessionServerFunctionMs } from '../functions/system/time-budget.ts';
import { createControl } from './control.ts';
import { demoServices, demoUser } from './demo.ts';
import type { PublicProtocol } from './gateway/event.ts';
import { createHttpFront, type GatewayAnswer } from './gateway/http-front.ts';
import { loadPages, type PagesSettings } from './gateway/pages.ts';
import type { Claims } from './issuer/claims.ts';
import { type IssuerOptions, startIssuer } from './issuer/issuer.ts';
import { placeIssuers } from './lambda/bundle.ts';
import { startEventSource } from './lambda/event-source.ts';
import {
	bundleFunctions,
	type FunctionBundles,
	type FunctionEntries,
	functionEntries,
} from './lambda/function-bundles.ts';
import { createFunctionPool, type FunctionPool } from './lambda/function-pool.ts';
import * as variables from './lambda/function-variables.ts';
import type { Exit } from './lambda/invocation.ts';
import { createInvokeApi } from './lambda/invoke-api.ts';
import { createLogBuffer, type LogEntry } from './lambda/log-buffer.ts';
import { createRest, type RestOptions } from './lambda/rest.ts';
import { createConnections, type DeathOptions } from './services/connections.ts';
import { startEmbeddedDynamoDB } from './services/embedded-dynamodb.ts';
import { startEmbeddedS3 } from './services/embedded-s3.ts';
import { startEmbeddedSqs } from './services/embedded-sqs.ts';
import { createServiceConditions, type Latencies } from './services/faults.ts';
import { startGuardian } from './system/guardian.ts';
import { listen } from './system/listen.ts';
import { localAccount } from './system/local-account.ts';
import { forOwnMachine } from './system/own-machine.ts';
import { makeRunFolder, removeRunFolder } from './system/run-folder.ts';

export interface RegionOptions {
	/** Port of the HTTP API. @default any free port */
	readonly port?: number;
	/** How many session servers may run at once. @default 4 */
	readonly instances?: number;
	/**
	 * How many of them start with the region. The others start when requests need them.
	 *
	 * @default all
	 */
	readonly instancesAtStart?: number;
	/** How many instances of the bus may run at once. @default 8 */
	readonly busInstances?: number;
	/** How many of them start with the region. @default 1 */
	readonly busInstancesAtStart?: number;
	/** Milliseconds that are added to every answer of a service. @default none */
	readonly latencies?: Latencies;
	/**
	 * How environments stand between two invocations, and what becomes of their connections
	 * meanwhile. `never` lets them run on, unlike Lambda.
	 *
	 * @default they stand, and connections die in each way
	 */
	readonly rest?: (RestOptions & { readonly connections?: DeathOptions }) | 'never';
	/** Variables of the session server that replace the region's own. */
	readonly sessionServerVariables?: Partial<SessionServerVariables>;
	/** Variables of the bus that replace the region's own. */
	readonly busVariables?: Partial<BusVariables>;
	/** The service catalog. @default the demo services */
	readonly services?: readonly ServiceRule[];
	/** Files that the front serves beside the API. @default none */
	readonly pages?: PagesSettings;
	/** @default http */
	readonly protocol?: PublicProtocol;
	readonly issuer?: IssuerOptions;
	/** The issuers that log in. @default the local one */
	readonly issuers?: readonly Issuer[];
	/** The modules that export the handlers. @default those of `functions/` */
	readonly entries?: FunctionEntries;
	/** Change how the functions are bundled. @default none */
	readonly plugins?: readonly Plugin[];
	/**
	 * Whether stack traces name the sources. Deployed functions do without it: the first trace in
	 * each environment reads the whole map.
	 *
	 * @default true
	 */
	readonly sourceMaps?: boolean;
	/** Called with each answer to the API's clients, before it is sent. */
	readonly onAnswer?: (answer: GatewayAnswer) => void;
	/** Called for each line that an instance writes. */
	readonly onLog?: (entry: LogEntry) => void;
	/**
	 * Called when an instance ended that the region did not end.
	 *
	 * @default prints the message to stderr
	 */
	readonly onCrash?: (message: string) => void;
}

export interface Region {
	/** Address of the HTTP API. */
	readonly url: string;
	/** Address of the control endpoint; see `createControl`. */
	readonly control: string;
	/** Address of the issuer, which is also the `iss` of its ID tokens. */
	readonly issuer: string;
	/** An ID token of the demo user, valid for twelve hours. */
	readonly idToken: string;
	/** Whether environments stand between two invocations. */
	readonly freezes: boolean;
	/** The bundles with which the region started. */
	readonly bundles: Omit<FunctionBundles, 'bootstrap'>;
	/** Deploys another release: instances that start from now on run it. */
	deploy(release: Omit<FunctionBundles, 'bootstrap'>): void;
	readonly endpoints: { readonly dynamodb: string; readonly s3: string; readonly sqs: string; readonly lambda: string };
	/** Returns an ID token of the local issuer. */
	mint(claims: Claims): Promise<string>;
	/** Ends every process and removes every file of the region. */
	stop(): Promise<void>;
}

/** As in a deployment with the default times. */
const sessionServerTimeoutMs = sessionServerFunctionMs;

/**
 * Starts AWS on this machine: everything that the functions' bundles need to run unchanged. Each
 * instance is a process.
 *
 * @throws `EADDRINUSE` if the port is taken; an error if the code cannot be bundled or an instance
 *   does not start
 */
export async function startRegion(options: RegionOptions = {}): Promise<Region> {
	const { instances = 4, busInstances = 8 } = options;
	const cleanups: (() => Promise<unknown>)[] = [];
	const cleanUp = async () => {
		for (const clean of cleanups.splice(0).reverse()) await clean();
	};
	const closing = <Closable extends { close(): Promise<void> }>(closable: Closable): Closable => {
		cleanups.push(closable.close);
		return closable;
	};

	try {
		const folder = await makeRunFolder();
		cleanups.push(() => removeRunFolder(folder));
		const guardian = startGuardian(folder);
		cleanups.push(guardian.dismiss);
		const { entries = functionEntries, services = demoServices } = options;
		const bundling = bundleFunctions(folder, entries, services, options.plugins);
		// It may fail while the services are still starting. Then nothing awaits it yet, and the
		// rejection must be handled.
		const bundled = bundling.catch(() => undefined);
		cleanups.push(() => bundled);

		const { rest = {} } = options;
		const connections = createConnections(rest === 'never' ? {} : rest.connections);
		const conditions = createServiceConditions(options.latencies, connections);
		const logs = createLogBuffer(options.onLog);
		const dynamodb = closing(await startEmbeddedDynamoDB(variables.tables, conditions));
		const s3 = closing(await startEmbeddedS3(variables.sessionBucket, conditions));
		const sqs = closing(await startEmbeddedSqs(variables.repairQueue, conditions));
		const issuer = closing(await startIssuer(options.issuer));
		const issuers = options.issuers ?? variables.localIssuers(issuer);
		const pages = options.pages === undefined ? undefined : await loadPages(options.pages);
		const bundles = await bundling;
		placeIssuers(bundles.sessionServer, issuers);

		const shared = {
			bootstrap: bundles.bootstrap,
			sourceMaps: options.sourceMaps ?? true,
			rest: rest === 'never' ? undefined : createRest(rest, connections.stood),
			onLine: logs.append,
			onCrash: reportCrash(options.onCrash),
			onStart: guardian.watch,
			onExit: guardian.unwatch,
		};
		const bus = createFunctionPool({
			...shared,
			name: variables.busName,
			bundle: bundles.bus,
			environment: variables.busEnvironment(
				{ dynamodb: dynamodb.url, s3: s3.url, sqs: sqs.url },
				sqs.queueUrl,
				options.busVariables,
			),
			timeoutMs: busFunctionMs,
			instancesMax: busInstances,
		});
		cleanups.push(bus.stop);
		const repair = createFunctionPool({
			...shared,
			name: variables.repairName,
			bundle: bundles.repair,
			environment: variables.repairEnvironment({ dynamodb: dynamodb.url, s3: s3.url, sqs: sqs.url }, sqs),
			timeoutMs: repairFunctionMs,
			instancesMax: 1,
		});
		cleanups.push(repair.stop);
		const client = new SQSClient({ endpoint: sqs.url, ...localAccount, maxAttempts: 1 });
		const { queueUrl } = sqs;
		// The first message starts a repair instance.
		closing(startEventSource({ client, queueUrl }, repair));
		const functions: FunctionPool[] = [bus, repair];
		const lambda = closing(await listen(connections.watch(forOwnMachine(createInvokeApi(functions, conditions)))));
		const sessionServer = createFunctionPool({
			...shared,
			name: variables.sessionServerName,
			bundle: bundles.sessionServer,
			environment: variables.sessionServerEnvironment(
				{ dynamodb: dynamodb.url, lambda: lambda.url },
				issuers,
				options.sessionServerVariables,
			),
			timeoutMs: sessionServerTimeoutMs,
			instancesMax: instances,
		});
		cleanups.push(sessionServer.stop);
		// The session server needs the address of the Invoke API, which offers it as well.
		functions.unshift(sessionServer);

		const http = closing(
			await listen(
				createHttpFront(sessionServer, { pages, protocol: options.protocol, onAnswer: options.onAnswer }),
				options.port,
			),
		);
		const control = closing(
			await listen(
				forOwnMachine(createControl({ functions, conditions, logs, queues: { repairs: sqs }, mint: issuer.mint })),
			),
		);
		await Promise.all([
			sessionServer.start(options.instancesAtStart ?? instances),
			bus.start(options.busInstancesAtStart ?? 1),
		]);
		let stopped: Promise<void> | undefined;
		return {
			url: http.url,
			control: control.url,
			issuer: issuer.url,
			idToken: await issuer.mint({ ...demoUser, expiresInSeconds: 12 * 3_600 }),
			endpoints: { dynamodb: dynamodb.url, s3: s3.url, sqs: sqs.url, lambda: lambda.url },
			mint: issuer.mint,
			freezes: rest !== 'never',
			bundles,
			deploy: (release) => {
				repair.deploy(release.repair);
				bus.deploy(release.bus);
				placeIssuers(release.sessionServer, issuers);
				sessionServer.deploy(release.sessionServer);
			},
			stop: () => {
				stopped ??= cleanUp();
				return stopped;
			},
		};
	} catch (error) {
		await cleanUp();
		throw error;
	}
}

function reportCrash(report: (message: string) => void = (message) => process.stderr.write(`${message}\n`)) {
	return (instance: string, { code, signal }: Exit, stderrTail: readonly string[]): void => {
		const how = signal ? `was ended by ${signal}` : `ended with exit status ${code}`;
		report([`${instance} ${how}`, ...stderrTail.map((line) => `  ${line}`)].join('\n'));
	};
}
