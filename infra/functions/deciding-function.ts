import type { Construct } from 'constructs';
import type { DecidingVariables } from '../../functions/session-server/deployment/environment.ts';
import type { ControlTable } from '../constructs/control-table.ts';
import type { TokenKeys } from '../constructs/token-keys.ts';
import { copyBytesMax, type MemorySettings } from '../settings/memory.ts';
import type { Settings } from '../settings/settings.ts';
import { BundledFunction, type BundledFunctionProps, type FunctionDefaults } from './bundled-function.ts';
import type { Bus, BusEntrance } from './bus.ts';

export interface DecidingProps {
	readonly controlTable: ControlTable;
	readonly bus: Bus;
	readonly tokenKeys: TokenKeys;
	readonly settings: Settings;
	readonly memory: MemorySettings;
	readonly defaults: FunctionDefaults;
}

/**
 * The differences between deciding functions. These variables come on top of the shared ones.
 */
type OwnProps = Pick<BundledFunctionProps, 'component' | 'description' | 'entry' | 'timeout' | 'variables'> & {
	/** How the function reaches the bus. */
	readonly entrance: BusEntrance;
	/** Files beside the bundle, besides the service catalog. */
	readonly files?: Readonly<Record<string, string>>;
};

/**
 * A function that decides about sessions and holds copies of them in memory. It knows the control
 * table, one entrance of the bus, and the token keys. It has neither a name nor a right for
 * anything behind the bus (I9).
 */
export class DecidingFunction extends BundledFunction {
	constructor(scope: Construct, id: string, props: DecidingProps, own: OwnProps) {
		const { controlTable, tokenKeys, settings, memory, defaults } = props;
		const { entrance, ...ownProps } = own;
		const shared = {
			...settings.timing,
			...settings.limits,
			...settings.unsigned,
			...settings.browsers,
			LEASEHOLD_CONTROL_TABLE: controlTable.tableName,
			LEASEHOLD_BUS_FUNCTION: entrance.functionArn,
			LEASEHOLD_TOKEN_KEYS_SECRET: tokenKeys.secretArn,
			LEASEHOLD_COPY_BYTES_MAX: String(copyBytesMax(memory)),
		} satisfies DecidingVariables;
		super(scope, id, {
			...ownProps,
			defaults,
			variables: { ...shared, ...own.variables },
			memoryMb: memory.functionMb,
			files: { 'services.json': JSON.stringify(settings.services), ...own.files },
		});
		controlTable.grantSessionServer(this.role);
		entrance.grantInvoke(this.role);
		tokenKeys.grantRead(this.role);
	}
}
