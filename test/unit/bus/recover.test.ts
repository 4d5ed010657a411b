import { expect, test } from 'vitest';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session } from '../../../functions/session/session.ts';
import { exampleInstanceId, exampleSession, exampleStartMs } from '../../support/example-session.ts';
import { createMemoryServices } from '../../support/memory-bus.ts';

const session = exampleSession();
const ended = withRevocation(session, { atMs: exampleStartMs, reason: 'logout' });

test.each([
	['its owner asks for again', session, session.owner.instanceId],
	['has ended', ended, exampleInstanceId(7)],
])('a session that %s is answered as it is, and nothing is written', async (_which, stored: Session, adopter) => {
	const services = createMemoryServices();
	for (const repository of services.repositories) await repository.merge(session.id, () => stored);
	const calls: string[] = [];
	const bus = services.bus((call) => {
		calls.push(call);
		return 'done';
	});
	const answer = await bus({ operation: 'recover', sessionId: session.id, demand: 'bounded', adopter });
	expect(answer).toMatchObject({ session: stored });
	expect(calls).toEqual(['load from dynamodb']);
});
