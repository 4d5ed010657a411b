import { type CfnElement, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import { servesTls } from '../emulator/context.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { addNagException } from './nag-exception.ts';

export interface SessionBucketProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
	/** Whether the bucket is emptied before it is deleted. Emulators do not require that. */
	readonly emptied: boolean;
	/** The longest life of a session. */
	readonly absoluteTimeoutMs: number;
}

/**
 * The S3 repository's bucket. It is not versioned: every report of activity would leave a version,
 * and sessions that were ended would stay readable.
 */
export class SessionBucket extends Construct {
	readonly bucket: Bucket;
	private readonly encryption: EncryptionKey;

	constructor(scope: Construct, id: string, props: SessionBucketProps) {
		super(scope, id);
		const { encryption, removalPolicy, emptied, absoluteTimeoutMs } = props;
		this.encryption = encryption;
		this.bucket = new Bucket(this, 'Bucket', {
			encryption: BucketEncryption.KMS,
			encryptionKey: encryption.key,
			bucketKeyEnabled: true, // One call to KMS serves many objects.
			blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
			objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
			...(servesTls(this) && { enforceSSL: true, minimumTLSVersion: 1.2 }),
			lifecycleRules: [
				{ id: 'sessions-that-are-over', prefix: 'sessions/', expiration: expirationOf(absoluteTimeoutMs) },
			],
			removalPolicy,
			// CloudFormation does not delete a bucket with objects in it. For trials only: the
			// function that empties the bucket may delete any session.
			autoDeleteObjects: emptied && removalPolicy === RemovalPolicy.DESTROY,
		});
		addNagException(
			this.bucket,
			'AwsSolutions-S1',
			'Only the bus and the repair function may read or write the bucket, and both log each access with its receipt.',
		);
	}

	get bucketName(): string {
		return this.bucket.bucketName;
	}

	/** Lets the bus read and merge single objects. It deletes nothing. */
	grantBus(role: IRole): void {
		this.grant(role, ['s3:GetObject', 's3:PutObject']);
	}

	/** Lets repair also list sessions, and delete records that cannot be read. */
	grantRepair(role: IRole): void {
		this.grant(role, ['s3:DeleteObject', 's3:GetObject', 's3:PutObject']);
	}

	private grant(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.bucket.arnForObjects('*')] }));
		// Without this right, S3 answers 403 instead of 404 if there is no such object.
		role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }));
		addNagException(
			role,
			`AwsSolutions-IAM5[Resource::<${logicalIdOf(this.bucket)}.Arn>/*]`,
			'A repository holds any session, so the names of its objects are not known in advance.',
		);
		this.encryption.grantReadWrite(role, 's3');
	}
}

function logicalIdOf(bucket: Bucket): string {
	return Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
}

/** Covers clocks that differ, and leaves time to investigate an incident. */
const marginDays = 7;
const dayMs = 24 * 3_600_000;

/**
 * How long an object is kept after its last write. By then its session has passed its absolute
 * timeout. Sessions keep their timeouts when a deployment changes to shorter ones, so this is never
 * less than what the longest preset needs.
 */
function expirationOf(absoluteTimeoutMs: number): Duration {
	const longestMs = Math.max(absoluteTimeoutMs, timeoutPresets.aal1.absoluteMs);
	return Duration.days(Math.ceil(longestMs / dayMs) + marginDays);
}
