import { describe, expect, test } from 'vitest';
import { createMemoryMarkers } from '../../../functions/control-table/memory/markers.ts';
import { repairSession } from '../../../functions/repair/repair-session.ts';
import { createMemoryRepository } from '../../../functions/repositories/memory/repository.ts';
import { createMemorySubjectIndex } from '../../../functions/repositories/memory/subject-index.ts';
import { withRevocation } from '../../../functions/session/changes.ts';
import type { Session, SessionId } from '../../../functions/session/session.ts';
import { type ForgedRecord, fingerprintOf } from '../../../functions/session/signed-part.ts';
import { exampleSecretHash, exampleStartMs } from '../../support/example-session.ts';
import { createMemoryDeployment } from '../../support/memory/memory-deployment.ts';
import { noRepairs } from '../../support/no-repairs.ts';

const identity = { subject: 'ada', scopes: ['read'], assuranceLevel: 1, authenticatedAtMs: exampleStartMs } as const;
const services = [
	{ name: 'service' },
	{ name: 'admin', allScopes: ['admin'] },
	{ name: 'strong', minAssurance: 2 as const },
];
const [dynamodbName, s3Name] = ['dynamodb', 's3'] as const;

/** Records that somebody with access to a store might write. */
const forgeries: Readonly<Record<string, (session: Session) => Session>> = {
	'another subject': (session) => ({ ...session, subject: 'root' }),
	'a higher assurance': (session) => ({ ...session, credential: { ...session.credential, assuranceLevel: 3 } }),
	'more scopes': (session) => ({ ...session, credential: { ...session.credential, scopes: ['admin', 'read'] } }),
	'a later generation': (session) => ({
		...session,
		credential: { ...session.credential, generation: 2, assuranceLevel: 3, scopes: ['admin'] },
	}),
	'another secret': (session) => ({
		...session,
		credential: { ...session.credential, generation: 2, secretHash: exampleSecretHash('x') },
	}),
	'a longer life': (session) => ({ ...session, absoluteExpiresAtMs: session.absoluteExpiresAtMs + 3_600_000 }),
	'a shorter life': (session) => ({ ...session, absoluteExpiresAtMs: session.absoluteExpiresAtMs - 3_600_000 }),
};
const ofHigherAssurance = forgeries['a later generation'] as (session: Session) => Session;

async function setUp() {
	const repositories = [createMemoryRepository(dynamodbName), createMemoryRepository(s3Name)] as const;
	const [dynamodb, s3] = repositories;
	const tasks: { id: SessionId; missing: readonly string[]; forged: readonly ForgedRecord[] | undefined }[] = [];
	const lines: string[] = [];
	const operations: string[] = [];
	const deployment = createMemoryDeployment(['theme'], {
		services,
		repositories,
		repairs: { ...noRepairs, enqueue: async (id, missing, forged) => void tasks.push({ id, missing, forged }) },
		log: (_level, message, fields) => lines.push(`${message} ${String(fields?.['repository'])}`),
		reach: (bus, clock) => (message, withinMs) => {
			// Clocks have fractions of milliseconds, and timers take none.
			clock.advance(0.25);
			expect(Number.isInteger(withinMs ?? 0)).toBe(true);
			operations.push(message.operation);
			return bus(message);
		},
	});
	const { server, clock } = deployment;
	const loggedIn = await server.login(identity);
	if (loggedIn.kind !== 'established') throw new Error(loggedIn.kind);
	const { session, token } = loggedIn;
	return {
		...deployment,
		token,
		session,
		dynamodb,
		s3,
		repositories,
		tasks,
		lines,
		operations,
		/** From now on there is no copy that is young enough. */
		forgetCopies: () => clock.advance(400_000),
		authorize: (service: string) => server.authorize(token, service),
		loaded: async (name: 'dynamodb' | 's3') => {
			const found = await (name === 'dynamodb' ? dynamodb : s3).load(session.id);
			return found.kind === 'found' ? found.session : found.kind;
		},
		repair: async () => {
			const ports = { repositories, subjects: createMemorySubjectIndex(), markers: createMemoryMarkers(), clock };
			const task = tasks.find(({ forged }) => forged !== undefined);
			return repairSession(ports, session.id, task?.forged);
		},
	};
}

describe.each(Object.entries(forgeries))('a record with %s', (what, forge) => {
	test.each([dynamodbName, s3Name])('in %s changes nothing that a client gets, and is repaired', async (name) => {
		const { session, token, server, forgetCopies, authorize, loaded, repair, lines, tasks, ...stores } = await setUp();
		stores[name].overwrite(forge(session));
		forgetCopies();

		expect(await authorize('service')).toMatchObject({ kind: 'allowed', session: { subject: 'ada' } });
		expect(await authorize('admin')).toMatchObject({ kind: 'refused', code: 'service_forbidden' });
		expect(await authorize('strong')).toMatchObject({ kind: 'refused', code: 'step_up_required' });
		const updated = await server.update(token, { theme: 'dark' });
		expect(updated).toMatchObject({
			kind: 'updated',
			session: { subject: 'ada', credential: session.credential, attributes: { theme: { value: 'dark' } } },
		});
		const other = name === 'dynamodb' ? 's3' : 'dynamodb';
		expect(await loaded(other)).toMatchObject({ subject: 'ada', credential: session.credential });
		expect(lines).toContain(`a record is forged ${name}`);
		expect(tasks).toContainEqual({
			id: session.id,
			missing: [name],
			forged: [expect.objectContaining({ repository: name })],
		});

		expect(await repair()).toEqual({ kind: 'repaired' });
		for (const each of [dynamodbName, s3Name])
			expect(await loaded(each)).toMatchObject({ subject: 'ada', credential: session.credential });
	});

	test('in every repository is served to nobody', async () => {
		const { session, dynamodb, s3, forgetCopies, authorize, repair, server, token } = await setUp();
		for (const repository of [dynamodb, s3]) repository.overwrite(forge(session));
		forgetCopies();
		// The bus knows no session with the secret that it was asked for, and need not say more.
		const isUnknown = what === 'another secret';
		const kind = isUnknown ? 'refused' : 'unavailable';
		for (const { name } of services) expect(await authorize(name)).toMatchObject({ kind });
		expect(await server.view(token)).toMatchObject({ kind });
		expect(await server.update(token, { theme: 'dark' })).toMatchObject({ kind });
		if (!isUnknown) expect(await repair()).toMatchObject({ kind: 'hopeless' });
	});
});

test('a forged record is served to nobody while the other repository has none', async () => {
	const { session, s3, forgetCopies, authorize, repair, loaded, dynamodb } = await setUp();
	await dynamodb.quarantine(session.id, () => true);
	s3.overwrite(ofHigherAssurance(session));
	forgetCopies();
	expect(await authorize('service')).toMatchObject({ kind: 'unavailable' });
	expect(await repair()).toMatchObject({ kind: 'hopeless' });
	expect(await loaded('s3')).toMatchObject({ credential: { generation: 2 } });
});

test('activity and logouts get through beside a forged record', async () => {
	const { session, s3, forgetCopies, server, token, loaded, authorize } = await setUp();
	s3.overwrite({ ...session, subject: 'root' });
	forgetCopies();
	await authorize('service');
	const used = async () => ((await loaded('dynamodb')) as Session).lastSeenAtMs;
	await expect.poll(used).toBeGreaterThanOrEqual(session.lastSeenAtMs + 400_000);
	expect(await server.logout(token)).toMatchObject({ kind: 'ended', complete: false });
	expect(await loaded('dynamodb')).toMatchObject({ revocation: { reason: 'logout' } });
	expect(await authorize('service')).toMatchObject({ kind: 'refused', code: 'session_revoked' });
});

test('a tombstone ends the session even if it says something else about its login', async () => {
	const { session, dynamodb, forgetCopies, authorize } = await setUp();
	dynamodb.overwrite(withRevocation(ofHigherAssurance(session), { atMs: exampleStartMs, reason: 'logout' }));
	forgetCopies();
	expect(await authorize('service')).toMatchObject({ kind: expect.not.stringMatching('allowed') });
});

test('a genuine session costs no further message, and a warm decision none', async () => {
	const { forgetCopies, authorize, operations } = await setUp();
	forgetCopies();
	operations.length = 0;
	for (let time = 0; time < 3; time++) await authorize('service');
	expect(operations.filter((operation) => operation !== 'touch')).toEqual(['read']);
});

test('a session server that calls a genuine record forged costs a repair, and nobody a session', async () => {
	const { session, repositories, repair, loaded, forgetCopies, authorize, tasks } = await setUp();
	const forged = [{ repository: 'dynamodb' as const, fingerprint: fingerprintOf(session) }];
	tasks.push({ id: session.id, missing: ['dynamodb'], forged });
	expect(await repair()).toEqual({ kind: 'repaired' });
	for (const { name } of repositories) expect(await loaded(name as 'dynamodb' | 's3')).toEqual(session);
	forgetCopies();
	expect(await authorize('service')).toMatchObject({ kind: 'allowed' });
});

test('a login is not established with a session that the bus made up', async () => {
	const { server } = createMemoryDeployment([], {
		reach: (bus) => async (message) => {
			const answer = await bus(message);
			if (message.operation !== 'create' || answer.kind !== 'found') return answer;
			return { ...answer, session: ofHigherAssurance(answer.session) };
		},
	});
	expect(await server.login(identity)).toMatchObject({ kind: 'unavailable' });
});

describe('a record that names another subject', () => {
	async function withVictim() {
		const stage = await setUp();
		const victim = await stage.server.login({ ...identity, subject: 'root' });
		if (victim.kind !== 'established') throw new Error(victim.kind);
		stage.dynamodb.overwrite({ ...stage.session, subject: 'root' });
		return { ...stage, victim };
	}

	test('shows the sessions of the genuine subject alone', async () => {
		const { server, token, session } = await withVictim();
		const other = await server.login(identity);
		if (other.kind !== 'established') throw new Error(other.kind);
		const listed = await server.listSessions(token);
		if (listed.kind !== 'listed') throw new Error(listed.kind);
		expect(listed.sessions.map(({ id }) => id).sort()).toEqual([session.id, other.session.id].sort());
	});

	test('ends the sessions of the genuine subject alone', async () => {
		const { server, token, victim, dynamodb, clock } = await withVictim();
		const other = await server.login(identity);
		if (other.kind !== 'established') throw new Error(other.kind);
		expect(await server.endOne(token, victim.session.id)).toMatchObject({ kind: 'no-such-session' });
		expect(await server.endOthers(token)).toMatchObject({ kind: 'ended', ended: 1 });
		clock.advance(2_000);
		expect(await server.authorize(other.token, 'service')).toMatchObject({ code: 'session_revoked' });
		expect(await dynamodb.load(victim.session.id)).not.toMatchObject({ session: { revocation: {} } });
		expect(await server.authorize(victim.token, 'service')).toMatchObject({ kind: 'allowed' });
	});
});
