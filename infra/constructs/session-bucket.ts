import { type CfnElement, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { timeoutPresets } from '../../functions/session-server/deployment/timeouts.ts';
import type { EncryptionKey } from './encryption-key.ts';
import { addNagException } from './nag-exception.ts';

export interface SessionBucketProps {
	readonly encryption: EncryptionKey;
	readonly removalPolicy: RemovalPolicy;
	/** Whether the bucket is emptied before it is deleted, which emulators do not ask for. */
	readonly emptied: boolean;
	/** The longest that a session lives. */
	readonly absoluteTimeoutMs: number;
}

/**
 * The S3 repository's bucket. It is not versioned: every report of activity would leave a version behind, and what a
 * subject has ended would stay readable.
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
			bucketKeyEnabled: true, // One call to KMS for many objects, instead of one for each.
			blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
			objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
			enforceSSL: true,
			minimumTLSVersion: 1.2,
			lifecycleRules: [
				{ id: 'sessions-that-are-over', prefix: 'sessions/', expiration: expirationOf(absoluteTimeoutMs) },
			],
			removalPolicy,
			// CloudFormation deletes no bucket with something in it. Only for trials: the function that does it may delete any session.
			autoDeleteObjects: emptied && removalPolicy === RemovalPolicy.DESTROY,
		});
		addNagException(
			this.bucket,
			'AwsSolutions-S1',
			'Only the bus and the repair function may read or write it, and both log each access with its receipt.',
		);
	}

	get bucketName(): string {
		return this.bucket.bucketName;
	}

	/** The bus reads and merges, object by object. It deletes nothing. */
	grantBus(role: IRole): void {
		this.grant(role, ['s3:GetObject', 's3:PutObject']);
	}

	/** Repair also looks for markers, and removes those that are settled and records that nobody can read. */
	grantRepair(role: IRole): void {
		this.grant(role, ['s3:DeleteObject', 's3:GetObject', 's3:PutObject']);
	}

	private grant(role: IRole, actions: string[]): void {
		role.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [this.bucket.arnForObjects('*')] }));
		// Without it, a missing object would be a refusal (403), and not an absence.
		role.addToPrincipalPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [this.bucket.bucketArn] }));
		addNagException(
			role,
			`AwsSolutions-IAM5[Resource::<${logicalIdOf(this.bucket)}.Arn>/*]`,
			'A repository holds any session: which objects there are is not known before.',
		);
		this.encryption.grantReadWrite(role, 's3');
	}
}

function logicalIdOf(bucket: Bucket): string {
	return Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement);
}

/** For clocks that differ, and for whoever looks into what happened. */
const marginDays = 7;
const dayMs = 24 * 3_600_000;

/**
 * Days after its last write. By then the session has passed its absolute life, whatever was written, and so has every
 * session that a note or a marker is about. A deployment that was told shorter times still has sessions with the former
 * ones, so this is never less than the longest preset asks for.
 */
function expirationOf(absoluteTimeoutMs: number): Duration {
	const longestMs = Math.max(absoluteTimeoutMs, timeoutPresets.aal1.absoluteMs);
	return Duration.days(Math.ceil(longestMs / dayMs) + marginDays);
}
