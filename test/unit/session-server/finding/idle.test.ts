import { describe, expect, test } from 'vitest';
import { createMemoryRepository } from '../../../../functions/repositories/memory/repository.ts';
import type { Repository } from '../../../../functions/repositories/repository.ts';
import { timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';
import { exampleStartMs } from '../../../support/example-session.ts';
import { createMemoryDeployment } from '../../../support/memory/memory-deployment.ts';

const identity = { subject: 'ada', scopes: [], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
const { idleMs } = timeoutPresets.aal2;

/** A session that was not used for its idle timeout, as the repositories know. */
async function setUp() {
	const [down, corrupt] = [new Set<string>(), new Set<string>()];
	const [dynamodb, s3] = [createMemoryRepository('dynamodb'), createMemoryRepository('s3')];
	const failing = (repository: Repository): Repository => ({
		...repository,
		load: async (id) => {
			const reason = down.has(repository.name) ? 'unavailable' : 'corrupt';
			const fails = down.has(repository.name) || corrupt.has(repository.name);
			return fails ? { kind: 'failed', reason, cause: new Error(reason) } : repository.load(id);
		},
	});
	const { server, clock } = createMemoryDeployment([], { repositories: [failing(dynamodb), failing(s3)] });
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	clock.advance(idleMs + 1_000);
	return { server, down, corrupt, token: loggedIn.token };
}

describe('a session that seems idle', () => {
	test('is refused if every repository says so', async () => {
		const { server, token } = await setUp();
		expect(await server.authorize(token, 'service')).toMatchObject({ kind: 'refused', code: 'session_expired_idle' });
	});

	test.each(['dynamodb', 's3'])('is neither refused nor let in while %s may know of later use', async (name) => {
		const { server, down, token } = await setUp();
		down.add(name);
		expect(await server.authorize(token, 'service')).toMatchObject({ kind: 'unavailable' });
		expect(await server.view(token)).toMatchObject({ kind: 'unavailable' });
	});

	test('is refused although the record of one repository is corrupt', async () => {
		const { server, corrupt, token } = await setUp();
		corrupt.add('s3');
		expect(await server.authorize(token, 'service')).toMatchObject({ kind: 'refused', code: 'session_expired_idle' });
	});

	test('is refused at once although other requests find and drop its idle copy meanwhile', async () => {
		const started = Promise.withResolvers<void>();
		const others = Promise.withResolvers<void>();
		let strictLoads = 0;
		const { server, clock } = createMemoryDeployment([], {
			services: [{ name: 'service' }, { name: 'vault', freshness: 'strict' }],
			reach: (bus) => async (message) => {
				if (!('demand' in message) || message.demand !== 'strict') return bus(message);
				strictLoads++;
				const answer = await bus(message);
				started.resolve();
				await others.promise;
				return answer;
			},
		});
		const loggedIn = await server.login(identity);
		if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
		clock.advance(idleMs + 1_000);
		const strict = server.authorize(loggedIn.token, 'vault');
		await started.promise;
		for (let time = 0; time < 2; time++) await server.authorize(loggedIn.token, 'service');
		others.resolve();
		expect(await strict).toMatchObject({ kind: 'refused', code: 'session_expired_idle' });
		expect(strictLoads).toBe(1);
	});

	test('can be ended meanwhile', async () => {
		const { server, down, token } = await setUp();
		down.add('s3');
		expect(await server.logout(token)).toMatchObject({ kind: 'ended' });
	});
});
