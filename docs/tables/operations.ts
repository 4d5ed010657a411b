import { type OperationName, operations } from '../../functions/protocol/operations.ts';
import { code, table } from './markdown.ts';

interface Description {
	readonly writes: string;
	/** The occasions on which a session server sends it. */
	readonly sentFor: string;
}

const descriptions: Readonly<Record<OperationName, Description>> = {
	create: { writes: 'index entry, session', sentFor: 'login' },
	read: { writes: 'overdue activity', sentFor: 'borrow, reload' },
	recover: { writes: 'owner, activity', sentFor: 'failover' },
	update: { writes: 'attributes, activity', sentFor: 'change of attributes' },
	touch: { writes: '`lastSeenAtMs`', sentFor: 'activity' },
	revoke: { writes: 'tombstone', sentFor: 'logout, end of one' },
	list: { writes: 'removes index entries', sentFor: 'list' },
	revokeSubject: { writes: 'index entries, tombstones', sentFor: 'end of the others' },
	inspect: { writes: '–', sentFor: 'forged record' },
	health: { writes: '–', sentFor: '`GET /health`' },
};

/** The operations of the bus. */
export function operationsTable(): string {
	return table(
		['operation', 'sent for', 'writes', 'effect', 'answers'],
		(Object.keys(operations) as OperationName[]).map((name) => {
			const { answers, effect } = operations[name];
			const { writes, sentFor } = descriptions[name];
			return [code(name), sentFor, writes, code(effect), answers.map(code).join(', ')];
		}),
	);
}
