import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Annotations, AssetStaging, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, type IFunction, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { NodejsFunction, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { EncryptionKey } from '../constructs/encryption-key.ts';
import { acknowledge } from '../constructs/nag-exception.ts';
import { grantReadLog } from '../monitoring/operations.ts';
import { checkedVariables } from '../settings/variables.ts';
import { sdkBytesOf } from './bundle-size.ts';

export interface BundledFunctionProps {
	readonly description: string;
	/** The module that exports `handler`, below `functions/`. */
	readonly entry: string;
	readonly timeout: Duration;
	readonly memoryMb: number;
	readonly variables: Readonly<Record<string, string>>;
	/** Texts that lie beside the bundle, by file name. */
	readonly files?: Readonly<Record<string, string>>;
	/** Encrypts the function's log. */
	readonly logKey: EncryptionKey;
	readonly logRetention: RetentionDays;
	readonly reservedConcurrency?: number | undefined;
}

/**
 * A function with a role of its own, which may write its log and its traces and nothing else until it is granted more. No
 * managed policy: AWS's policy for Lambda would let every function write every log.
 */
export class BundledFunction extends Construct {
	readonly function: IFunction;
	readonly role: Role;
	readonly logGroup: LogGroup;
	private readonly logKey: EncryptionKey;
	/** File of the module that exports `handler`. */
	readonly entry: string;

	constructor(scope: Construct, id: string, props: BundledFunctionProps) {
		super(scope, id);
		this.entry = fileURLToPath(new URL(`../../functions/${props.entry}`, import.meta.url));
		this.logKey = props.logKey;
		this.logGroup = new LogGroup(this, 'Log', {
			encryptionKey: props.logKey.key,
			retention: props.logRetention,
			// A log says who was let in, and is worth nothing to who has taken the stack away.
			removalPolicy: RemovalPolicy.DESTROY,
		});
		this.role = new Role(this, 'Role', {
			assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
			description: `Of the function: ${props.description}`,
		});
		this.role.addToPolicy(
			new PolicyStatement({
				actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
				resources: [this.logGroup.logGroupArn],
			}),
		);
		// CloudWatch Logs uses the key in the name of whoever writes (its guide, "Encrypt log data … using AWS KMS").
		props.logKey.grantReadWrite(this.role, 'logs');
		acknowledge(
			this.role,
			'AwsSolutions-IAM5[Resource::*]',
			'Traces have no resource that a right could be limited to: xray:PutTraceSegments, xray:PutTelemetryRecords.',
		);
		this.function = withFiles(props.files ?? {}, (filesFolder) => this.createFunction(props, filesFolder));
		if (Stack.of(this).bundlingRequired) this.reportSize();
	}

	/** File of the bundle. Without bundling, which `cdk list` and many tests leave out, there is none. */
	get bundleFile(): string {
		const staging = this.function.node.findChild('Code').node.findChild('Stage');
		if (!(staging instanceof AssetStaging)) throw new Error('the library keeps bundles elsewhere by now');
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

	/** Lets `role` search the log. */
	grantReadLog(role: IRole): void {
		grantReadLog(role, this.logGroup, this.logKey);
	}

	private createFunction(props: BundledFunctionProps, filesFolder: string): IFunction {
		return new NodejsFunction(this, 'Function', {
			description: props.description,
			entry: this.entry,
			projectRoot,
			depsLockFilePath: join(projectRoot, 'package-lock.json'),
			runtime: Runtime.NODEJS_24_X,
			architecture: Architecture.ARM_64,
			memorySize: props.memoryMb,
			timeout: props.timeout,
			role: this.role,
			logGroup: this.logGroup,
			tracing: Tracing.ACTIVE, // Adds the two rights that traces need to the role; they cannot be limited to a resource.
			// Source maps lie beside the bundle. NODE_OPTIONS=--enable-source-maps would cost each start an eighth of its time.
			environment: checkedVariables(props.description, props.variables),
			awsSdkConnectionReuse: false, // The SDK's third version reuses connections without being told.
			...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
			bundling: {
				// The same as `local/lambda/bundle.ts`; a test compares what both make.
				format: OutputFormat.ESM,
				target: 'node24',
				mainFields: ['module', 'main'],
				minify: true,
				sourceMap: true,
				sourcesContent: false,
				bundleAwsSDK: true,
				commandHooks: {
					beforeBundling: () => [],
					beforeInstall: () => [],
					afterBundling: (_, outputDir) =>
						Object.keys(props.files ?? {}).map((name) => `cp "${join(filesFolder, name)}" "${join(outputDir, name)}"`),
				},
			},
		});
	}
}

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Bundling is over when the construct exists, so the files may go then. */
function withFiles<Result>(files: Readonly<Record<string, string>>, create: (folder: string) => Result): Result {
	const folder = mkdtempSync(join(tmpdir(), 'leasehold-files-'));
	try {
		for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
		return create(folder);
	} finally {
		rmSync(folder, { recursive: true });
	}
}
