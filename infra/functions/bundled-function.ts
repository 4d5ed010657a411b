import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Annotations, AssetStaging, type Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, LoggingFormat, Runtime, SystemLogLevel, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { Construct } from 'constructs';
import { EncryptedLog, type LogSettings } from '../constructs/encrypted-log.ts';
import { addNagException } from '../constructs/nag-exception.ts';
import { checkedVariables } from '../settings/environment-size.ts';
import { bundleAliases } from './bundle-aliases.ts';
import { sdkBytesOf } from './bundle-size.ts';

/** Settings that do not depend on a function's own code. */
export interface FunctionDefaults {
	readonly log: LogSettings;
	/**
	 * Executions that are reserved for the function.
	 * @default - the function shares the account's unreserved concurrency
	 */
	readonly reservedConcurrency?: number | undefined;
	/** Whether X-Ray samples invocations. */
	readonly tracing: boolean;
}

export interface BundledFunctionProps {
	readonly defaults: FunctionDefaults;
	/**
	 * Name of the component, for example `Bus`. It is part of the logical ids of the function, its
	 * role and its log.
	 */
	readonly component: string;
	readonly description: string;
	/** The module that exports `handler`, relative to `functions/`. */
	readonly entry: string;
	readonly timeout: Duration;
	readonly memoryMb: number;
	readonly variables: Readonly<Record<string, string>>;
	/** Texts to put beside the bundle, by file name. */
	readonly files?: Readonly<Record<string, string>>;
}

/**
 * A function with its own role, which may write its log, and its traces if they are wanted, and
 * nothing else until it is granted more. The role has no managed policy: AWS's policy for Lambda
 * functions would let each function write every log of the account.
 */
export class BundledFunction extends Construct {
	readonly lambda: NodejsFunction;
	readonly role: Role;
	readonly log: EncryptedLog;
	/** File of the module that exports `handler`. */
	readonly entry: string;
	/** The texts beside the bundle, by file name. */
	readonly files: Readonly<Record<string, string>>;
	private readonly component: string;
	private readonly variables: Readonly<Record<string, string>>;

	constructor(scope: Construct, id: string, props: BundledFunctionProps) {
		super(scope, id);
		this.component = props.component;
		this.variables = props.variables;
		this.entry = fileURLToPath(new URL(`../../functions/${props.entry}`, import.meta.url));
		this.files = props.files ?? {};
		const resources = new Construct(this, props.component);
		this.log = new EncryptedLog(resources, 'Log', props.defaults.log);
		this.role = new Role(resources, 'Role', {
			assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
			description: `Role of the function ${props.component}`,
		});
		this.log.grantAppend(this.role);
		if (props.defaults.tracing)
			addNagException(
				this.role,
				'AwsSolutions-IAM5[Resource::*]',
				'Traces have no resource that a right could be limited to: xray:PutTraceSegments, xray:PutTelemetryRecords.',
			);
		this.lambda = withFiles(this.files, (folder) => this.createFunction(resources, props, folder));
		if (Stack.of(this).bundlingRequired) this.reportSize();
	}

	/**
	 * File of the bundle. It does not exist if bundling is skipped, as `cdk list` and many tests
	 * do.
	 */
	get bundleFile(): string {
		const staging = this.lambda.node.findChild('Code').node.findChild('Stage');
		if (!(staging instanceof AssetStaging)) throw new Error('aws-cdk-lib no longer stages bundles below Code/Stage');
		return join(staging.absoluteStagedPath, 'index.mjs');
	}

	private reportSize(): void {
		const bytes = statSync(this.bundleFile).size;
		const sdkBytes = sdkBytesOf(this.entry);
		const kB = (count: number) => `${Math.round(count / 1_000)} kB`;
		Annotations.of(this).addInfo(
			`${kB(bytes)}, ${(bytes / sdkBytes).toFixed(2)} times its SDK clients alone (${kB(sdkBytes)})`,
		);
	}

	/**
	 * Adds a variable that depends on how the construct is used.
	 * @throws SettingError if the variables become too large.
	 */
	protected addVariable(name: string, value: string): void {
		checkedVariables(this.component, { ...this.variables, [name]: value });
		this.lambda.addEnvironment(name, value);
	}

	private createFunction(scope: Construct, props: BundledFunctionProps, filesFolder: string): NodejsFunction {
		const { reservedConcurrency, tracing } = props.defaults;
		return new NodejsFunction(scope, 'Function', {
			description: props.description,
			entry: this.entry,
			projectRoot,
			depsLockFilePath: join(projectRoot, 'package-lock.json'),
			runtime: Runtime.NODEJS_24_X,
			architecture: Architecture.ARM_64,
			memorySize: props.memoryMb,
			timeout: props.timeout,
			role: this.role,
			logGroup: this.log,
			// Without START, END and REPORT, which would be more than half of a warm request's log.
			// Timeouts and crashes are warnings or worse.
			loggingFormat: LoggingFormat.JSON,
			systemLogLevelV2: SystemLogLevel.WARN,
			// Adds the two rights that traces need to the role. They cannot be limited to a
			// resource.
			...(tracing ? { tracing: Tracing.ACTIVE } : {}),
			// Source maps lie beside the bundle. NODE_OPTIONS=--enable-source-maps would make each
			// start an eighth slower.
			environment: checkedVariables(props.component, props.variables),
			// No compile cache: the folder of a new environment is empty, and then it saved nothing of
			// 250 ms. A cache in the package saved a third, but only for the very build of Node.js
			// that wrote it, which Lambda replaces at any time.
			awsSdkConnectionReuse: false, // Version 3 of the SDK reuses connections by default.
			...(reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: reservedConcurrency }),
			bundling: {
				// The same as `local/lambda/bundle.ts`; a test compares the results.
				format: OutputFormat.ESM,
				target: 'node24',
				mainFields: ['module', 'main'],
				minify: true,
				sourceMap: true,
				sourcesContent: false,
				bundleAwsSDK: true,
				esbuildArgs: Object.fromEntries(Object.entries(bundleAliases).map(([name, file]) => [`--alias:${name}`, file])),
				commandHooks: {
					beforeBundling: () => [],
					beforeInstall: () => [],
					afterBundling: (_, outputDir) =>
						Object.keys(this.files).map((name) => `cp "${join(filesFolder, name)}" "${join(outputDir, name)}"`),
				},
			},
		});
	}
}

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** The bundle is complete when `create` returns, so the files can be removed then. */
function withFiles<Result>(files: Readonly<Record<string, string>>, create: (folder: string) => Result): Result {
	const folder = mkdtempSync(join(tmpdir(), 'leasehold-files-'));
	try {
		for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
		return create(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}
