import type { Message } from '../../functions/protocol/messages.ts';
import { code, table } from './markdown.ts';

interface Description {
	readonly writes: string;
	readonly visibleTo: string;
	readonly feed: string;
	readonly sentBy: string;
}

const descriptions: Readonly<Record<Message['operation'], Description>> = {
	create: { writes: 'index entry, session', visibleTo: 'none at once', feed: 'for sessions it ends', sentBy: 'login' },
	read: { writes: '–', visibleTo: '–', feed: 'no', sentBy: 'borrow, reload' },
	recover: { writes: 'owner', visibleTo: 'none at once', feed: 'no', sentBy: 'failover' },
	update: { writes: 'attributes', visibleTo: 'readers and copies', feed: 'yes', sentBy: 'change of attributes' },
	touch: { writes: '`lastSeenAtMs`', visibleTo: 'none at once', feed: 'no', sentBy: 'activity' },
	revoke: { writes: 'tombstone', visibleTo: 'readers and copies', feed: 'yes', sentBy: 'logout, end of one' },
	list: { writes: '–', visibleTo: '–', feed: 'no', sentBy: 'list' },
	revokeSubject: {
		writes: 'marks, tombstones',
		visibleTo: 'readers and copies',
		feed: 'yes',
		sentBy: 'end of the others',
	},
	health: { writes: '–', visibleTo: '–', feed: 'no', sentBy: '`GET /health`' },
};

/** The operations of the bus. */
export function operationsTable(): string {
	return table(
		['operation', 'writes', 'must be visible to', 'in the feed', 'sent by'],
		Object.entries(descriptions).map(([name, { writes, visibleTo, feed, sentBy }]) => [
			code(name),
			writes,
			visibleTo,
			feed,
			sentBy,
		]),
	);
}
