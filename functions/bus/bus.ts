import type { Answer } from '../protocol/answers.ts';
import type { Message } from '../protocol/messages.ts';
import { DifferentSessions } from '../session/merge.ts';
import { createCarry } from './carry.ts';
import type { BusContext, BusPorts } from './context.ts';
import { createLooks } from './doubt/looks.ts';
import { createSetBacks } from './doubt/set-backs.ts';
import { create } from './operations/create.ts';
import { health } from './operations/health.ts';
import { inspect } from './operations/inspect.ts';
import { list } from './operations/list.ts';
import { read } from './operations/read.ts';
import { recover } from './operations/recover.ts';
import { revoke } from './operations/revoke.ts';
import { revokeSubject } from './operations/revoke-subject.ts';
import { touch } from './operations/touch.ts';
import { update } from './operations/update.ts';
import { guardRepositories } from './reading/guarded-repositories.ts';
import { createHedgedReads } from './reading/hedged-reads.ts';
import { withoutForged } from './reading/without-forged.ts';
import { differentRecords, unavailable } from './receipts.ts';
import { createSubjectLimit } from './subjects/limit.ts';

export type Bus = (message: Message) => Promise<Answer>;

/** Lambda, the local region and the simulation all create the bus by this function. */
export function createBus(ports: BusPorts): Bus {
	const doubts = { looks: createLooks(ports.markers, ports.clock), setBacks: createSetBacks(ports) };
	const guarded = guardRepositories(ports.repositories, ports);
	const reads = createHedgedReads(guarded, doubts, ports.clock);
	const { limit, limitSubject } = createSubjectLimit(ports.clock);
	const shared: Omit<BusContext, 'carry'> = {
		...ports,
		repositories: guarded.repositories,
		subjects: guarded.guardIndex(ports.subjects),
		...doubts,
		reads,
		limitSubject,
	};

	/**
	 * Known-at is the moment of this call. The records that the asker found forged count as corrupt
	 * for this message.
	 */
	function contextFor(message: Message): BusContext {
		const context = { ...shared, carry: createCarry(ports.currentSigningKey, ports.clock.now().wallMs) };
		if (!('distrust' in message)) return context;
		const repositories = withoutForged(guarded.repositories, message.distrust, guarded.reportCorrupt);
		const trusted = { ...guarded, repositories };
		return { ...context, repositories, reads: createHedgedReads(trusted, doubts, ports.clock) };
	}

	async function perform(context: BusContext, message: Message): Promise<Answer> {
		switch (message.operation) {
			case 'create':
				return context.carry(await create(context, message));
			case 'read':
				return read(context, message);
			case 'recover':
				return recover(context, message);
			case 'update':
				return context.carry(await update(context, message));
			case 'touch':
				return context.carry(await touch(context, message));
			case 'revoke':
				return revoke(context, message);
			case 'list':
				return list(context, message);
			case 'revokeSubject':
				return revokeSubject(context, message);
			case 'inspect':
				return inspect(context, message);
			case 'health':
				return health(context);
		}
	}

	return async (message) => {
		const limited = limit(message);
		if (limited !== undefined) return limited;
		try {
			return await perform(contextFor(message), message);
		} catch (error) {
			if (!(error instanceof DifferentSessions)) throw error;
			return unavailable(differentRecords, { asked: [] });
		}
	};
}
