import { afterAll, beforeAll, expect, test } from 'vitest';
import type { QuotaAction } from '../../functions/access/quota.ts';
import { createDynamoDbRepository } from '../../functions/repositories/dynamodb/repository.ts';
import { createDynamoDbSubjectIndex } from '../../functions/repositories/dynamodb/subject-index.ts';
import { createMemoryRepository } from '../../functions/repositories/memory/repository.ts';
import { startDynamoDb, type TestedDynamoDb } from '../support/engines/dynamodb.ts';
import { createMemoryServices } from '../support/memory/memory-bus.ts';
import { create, listed, liveOf, sessionAt } from '../support/subject-client.ts';

let service: TestedDynamoDb;
beforeAll(async () => {
	service = await startDynamoDb();
});
afterAll(async () => {
	// Buses read tallies and notes in the background.
	await new Promise((resolve) => setTimeout(resolve, 200));
	await service.close();
});

/** A bus with its own DynamoDB clients, like a bus in another environment. */
function deployment() {
	const s3 = createMemoryRepository('s3');
	const clock = createMemoryServices().clock;
	return {
		clock,
		bus: () => {
			const client = service.client();
			const { sessionTable } = service;
			const repositories = [createDynamoDbRepository(client, sessionTable, clock), s3];
			return createMemoryServices({
				repositories,
				subjects: createDynamoDbSubjectIndex(client, sessionTable, clock, () => undefined),
			}).bus();
		},
	};
}

test.each([
	['deny', 3, 3],
	['end-oldest', 3, 3],
	['end-next-expiring', 3, 3],
	['end-all', 1, 3],
] as const)(
	'a quota of three with %s keeps its limit under twenty concurrent logins, and answers each of them truthfully',
	async (action: QuotaAction, least, most) => {
		const { clock, bus } = deployment();
		const subject = `issuer:${action}`;
		const sessions = Array.from({ length: 20 }, (_, index) => sessionAt(clock.now().wallMs + index, { subject }));
		const answers = await Promise.all(sessions.map((session) => create(bus(), session, { max: 3, action })));
		const live = await liveOf(bus(), sessions);
		expect(live.length).toBeGreaterThanOrEqual(least);
		expect(live.length).toBeLessThanOrEqual(most);
		expect(new Set(await listed(bus(), subject))).toEqual(new Set(live));
		for (const [index, { id }] of sessions.entries()) {
			const answer = answers[index];
			expect(answer?.kind).toMatch(/^(found|quota-exceeded)$/);
			if (answer?.kind === 'found' && action === 'deny') expect(live).toContain(id);
			if (answer?.kind === 'quota-exceeded') expect(live).not.toContain(id);
		}
		expect(answers.filter((answer) => answer.kind === 'found').length).toBeGreaterThanOrEqual(live.length);
	},
);
