import type { ControlTable } from './constructs/control-table.ts';
import type { EncryptionKey } from './constructs/encryption-key.ts';
import type { RepairQueue } from './constructs/repair-queue.ts';
import type { SessionApi } from './constructs/session-api.ts';
import type { SessionBucket } from './constructs/session-bucket.ts';
import type { SessionTable } from './constructs/session-table.ts';
import type { TokenKeys } from './constructs/token-keys.ts';
import type { Bus } from './functions/bus.ts';
import type { Repair } from './functions/repair.ts';
import type { RotateKeys } from './functions/rotate-keys.ts';
import type { SessionServer } from './functions/session-server.ts';

/** The constructs that one `Leasehold` is made of. */
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
