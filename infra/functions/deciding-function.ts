import type { Duration } from 'aws-cdk-lib';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { DecidingVariables } from '../../functions/session-server/deployment/environment.ts';
import type { ControlTable } from '../constructs/control-table.ts';
import type { EncryptionKey } from '../constructs/encryption-key.ts';
import type { TokenKeys } from '../constructs/token-keys.ts';
import { copyBytesMax, type MemorySettings } from '../settings/memory.ts';
import type { Settings } from '../settings/settings.ts';
import { BundledFunction } from './bundled-function.ts';
import type { Bus } from './bus.ts';

export interface DecidingProps {
	readonly controlTable: ControlTable;
	readonly bus: Bus;
	readonly tokenKeys: TokenKeys;
	readonly settings: Settings;
	readonly logKey: EncryptionKey;
	readonly logRetention: RetentionDays;
	readonly reservedConcurrency?: number | undefined;
	readonly memory: MemorySettings;
}

/**
 * A function that decides about sessions, which it holds in memory. It is given the control table, the bus and the token keys,
 * and nothing behind the bus: neither a name in its environment nor a right in its role (I9, claim 1).
 */
export class DecidingFunction extends BundledFunction {
	constructor(
		scope: Construct,
		id: string,
		props: DecidingProps,
		own: {
			readonly description: string;
			readonly entry: string;
			readonly timeout: Duration;
			readonly variables: Readonly<Record<string, string>>;
		},
	) {
		const { controlTable, bus, tokenKeys, settings, memory, logKey, logRetention, reservedConcurrency } = props;
		const shared = {
			...settings.timing,
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_BUS_FUNCTION: bus.functionArn,
			LEASEHOLD_TOKEN_KEYS_SECRET: tokenKeys.secretArn,
			LEASEHOLD_COPY_BYTES_MAX: String(copyBytesMax(memory)),
		} satisfies DecidingVariables;
		super(scope, id, {
			...own,
			variables: { ...shared, ...own.variables },
			memoryMb: memory.functionMb,
			files: { 'services.json': JSON.stringify(settings.services) },
			logKey,
			logRetention,
			reservedConcurrency,
		});
		controlTable.grantSessionServer(this.role);
		bus.grantInvoke(this.role);
		tokenKeys.grantRead(this.role);
	}
}
