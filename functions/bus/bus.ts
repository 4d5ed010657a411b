import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import type { BusContext, BusPorts } from './context.ts';
import { createDoubts } from './doubt/doubts.ts';
import { create } from './operations/create.ts';
import { health } from './operations/health.ts';
import { list } from './operations/list.ts';
import { read } from './operations/read.ts';
import { recover } from './operations/recover.ts';
import { revoke } from './operations/revoke.ts';
import { revokeSubject } from './operations/revoke-subject.ts';
import { touch } from './operations/touch.ts';
import { update } from './operations/update.ts';
import { guardRepositories } from './reading/guarded-repositories.ts';
import { createHedgedReads } from './reading/hedged-reads.ts';
import { createSubjectLimit } from './subjects/limit.ts';

export type Bus = (message: Message) => Promise<Answer>;

/** Lambda, the local region and the simulation all create the bus by this function. */
export function createBus(ports: BusPorts): Bus {
	const doubts = createDoubts(ports.repositories, ports.clock, ports.repairs);
	const guarded = guardRepositories(ports.repositories, ports);
	const reads = createHedgedReads(guarded, doubts, ports.clock);
	const context: BusContext = {
		...ports,
		repositories: guarded.repositories,
		subjects: guarded.guardIndex(ports.subjects),
		doubts,
		reads,
	};
	const limit = createSubjectLimit(ports.clock);

	return async (message) => {
		const limited = limit(message);
		if (limited !== undefined) return limited;
		switch (message.operation) {
			case 'create':
				return create(context, message);
			case 'read':
				return read(context, message);
			case 'recover':
				return recover(context, message);
			case 'update':
				return update(context, message);
			case 'touch':
				return touch(context, message);
			case 'revoke':
				return revoke(context, message);
			case 'list':
				return list(context, message);
			case 'revokeSubject':
				return revokeSubject(context, message);
			case 'health':
				return health(context);
		}
	};
}
