import { expect, test } from 'vitest';
import { withRevocation } from '../../../../functions/session/changes.ts';
import type { Session } from '../../../../functions/session/session.ts';
import { exampleInstanceId, exampleProof, exampleSession, exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryServices } from '../../../support/memory/memory-bus.ts';

const session = exampleSession();
const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });

test.each([
	['its owner asks for it', session, session.owner.instanceId],
	['it has ended', ended, exampleInstanceId(7)],
])('a session is answered as it is and nothing is written when %s', async (_when, stored: Session, adopter) => {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => stored);
	const calls: string[] = [];
	const bus = services.bus((call) => {
		calls.push(call);
		return 'done';
	});
	const answer = await bus({
		operation: 'recover',
		sessionId: session.id,
		...exampleProof,
		demand: 'bounded',
		adopter,
	});
	expect(answer).toMatchObject({ session: stored });
	expect(calls.filter((call) => call !== 'look')).toEqual(['load from dynamodb']);
});

test.each(['read lease', 'merge in'])(
	'a session is lent and keeps its owner when the bus cannot %s',
	async (failing) => {
		const services = createMemoryServices();
		for (const repository of services.repositories) await repository.merge(session.id, () => session);
		const bus = services.bus((call) => (call.startsWith(failing) ? 'fails' : 'done'));
		const recover = { operation: 'recover', sessionId: session.id, ...exampleProof, demand: 'bounded' } as const;
		expect(await bus({ ...recover, adopter: exampleInstanceId(7) })).toMatchObject({ kind: 'found', session });
		for (const repository of services.repositories)
			expect(await repository.load(session.id)).toEqual({ kind: 'found', session });
		expect(await services.bus()({ ...recover, adopter: exampleInstanceId(7) })).toMatchObject({
			session: { owner: { instanceId: exampleInstanceId(7) } },
		});
	},
);

test.each([Number.MAX_SAFE_INTEGER - 1, Number.MAX_SAFE_INTEGER, 1e300])(
	'a session is lent and keeps its owner if no epoch can follow %d',
	async (epoch) => {
		const services = createMemoryServices();
		const stored = { ...session, owner: { ...session.owner, epoch } };
		for (const repository of services.repositories) await repository.merge(session.id, () => stored);
		const recover = { operation: 'recover', sessionId: session.id, ...exampleProof, demand: 'bounded' } as const;
		const answer = await services.bus()({ ...recover, adopter: exampleInstanceId(7) });
		expect(answer).toMatchObject({ kind: 'found', session: stored });
		expect(answer).not.toHaveProperty('adopted');
	},
);
