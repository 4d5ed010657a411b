import { Duration } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { SessionServerVariables } from '../functions/session-server/environment.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Bus } from './bus.ts';
import type { ControlTable } from './control-table.ts';
import { copyBytesMax, type MemorySettings } from './memory.ts';
import type { Settings } from './settings.ts';
import type { TokenKeys } from './token-keys.ts';

export interface SessionServerProps {
	readonly controlTable: ControlTable;
	readonly bus: Bus;
	readonly tokenKeys: TokenKeys;
	readonly settings: Settings;
	readonly logKey: IKey;
	readonly logRetention: RetentionDays;
	readonly reservedConcurrency?: number | undefined;
	readonly memory: MemorySettings;
}

/**
 * The session servers. They are given the control table, the bus and their keys, and nothing behind the bus: neither a name
 * in their environment nor a right in their role (I9, claim 1).
 */
export class SessionServer extends Construct {
	readonly function: BundledFunction;

	constructor(scope: Construct, id: string, props: SessionServerProps) {
		super(scope, id);
		const { controlTable, bus, tokenKeys, settings, memory } = props;
		const variables = {
			...settings.variables,
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_BUS_FUNCTION: bus.functionArn,
			LEASEHOLD_TOKEN_KEYS_SECRET: tokenKeys.secretArn,
			LEASEHOLD_COPY_BYTES_MAX: String(copyBytesMax(memory)),
		} satisfies SessionServerVariables;
		this.function = new BundledFunction(this, 'SessionServer', {
			description: 'session server: holds sessions in memory and decides',
			entry: 'session-server/http-handler.ts',
			timeout: Duration.seconds(Math.ceil(settings.requestMs / 1_000)), // Longer than a lease (docs/decisions/0039).
			memoryMb: memory.functionMb,
			variables,
			files: { 'services.json': JSON.stringify(settings.services) },
			logKey: props.logKey,
			logRetention: props.logRetention,
			reservedConcurrency: props.reservedConcurrency,
		});
		controlTable.grantSessionServer(this.function.role);
		bus.grantInvoke(this.function.role);
		tokenKeys.grantRead(this.function.role);
	}
}
