import { expect, test } from 'vitest';
import { versionOf } from '../../../functions/session/version.ts';
import type { SessionServer } from '../../../functions/session-server/session-server.ts';
import { createWitness } from '../checks/witness.ts';
import { createRandom } from '../engine/random.ts';
import { createSchedule, epochMs } from '../engine/schedule.ts';
import { createCluster } from '../world/cluster.ts';
import { ampleQuota, timeouts, timing } from '../world/settings.ts';

/** Sixteen instances, whose clocks differ by nearly as much as they may. Nothing fails. */
async function sixteen(seed = 8_051_179) {
	const schedule = createSchedule();
	const random = createRandom(seed);
	const clocks = random.fork();
	const violations: string[] = [];
	const violated = (invariant: string, what: string) => void violations.push(`${invariant}: ${what}`);
	const cluster = createCluster(schedule, random, createWitness({ trace: undefined, violated }, schedule.now), {
		servers: 16,
		buses: 4,
		quota: ampleQuota,
		timeouts,
		carries: false,
		overWire: false,
		clockOffsetMs: () => (clocks.unit() - 0.5) * 0.9 * timing.skewMs,
		fits: () => true,
	});
	Object.assign(cluster.network.conditions, { loss: 0, duplication: 0, slowness: 0 });

	/** Asks some servers at the same moment. */
	async function ask<Answer>(asked: readonly ((server: SessionServer) => Promise<Answer>)[]): Promise<Answer[]> {
		let answers: Answer[] | undefined;
		const all = asked.map((request, index) => {
			const slot = cluster.servers[index % cluster.servers.length];
			if (slot === undefined) throw new Error('there is no server');
			return new Promise<Answer>((resolve) => {
				slot.node.deliver(() => void request(slot.instance).then(resolve));
			});
		});
		void Promise.all(all).then((given) => {
			answers = given;
		});
		schedule.at(0, () => undefined);
		const deadline = schedule.now() + 60_000;
		await schedule.run(() => answers !== undefined || schedule.now() > deadline);
		if (answers === undefined) throw new Error('a request was never answered');
		return answers;
	}

	const identity = { subject: 'iss:ann', scopes: ['read'], assuranceLevel: 1 as const, authenticatedAtMs: epochMs };
	const logIn = (server: SessionServer) => server.login(identity);
	const loggedIn = async (count: number) =>
		(await ask(Array.from({ length: count }, () => logIn))).map((login) => {
			if (login.kind !== 'established') throw new Error(login.kind);
			return login;
		});
	return { ask, logIn, loggedIn, violations };
}

test('sixteen authors of one attribute on sixteen instances all change it, again and again', async () => {
	const { ask, loggedIn, violations } = await sixteen();
	const [ann] = await loggedIn(1);
	const authors = Array.from({ length: 16 }, (_, author) => async (server: SessionServer) => {
		const kinds: string[] = [];
		for (let change = 0; change < 5; change++)
			kinds.push((await server.update(ann?.token ?? '', { draft: `${author}.${change}` })).kind);
		return kinds;
	});
	const kinds = (await ask(authors)).flat();
	expect(kinds.filter((kind) => kind !== 'updated')).toEqual([]);
	expect(violations).toEqual([]);
});

test('of sixteen authors of one version, one changes it and the others are told of a conflict', async () => {
	const { ask, loggedIn, violations } = await sixteen();
	const [ann] = await loggedIn(1);
	const version = ann === undefined ? '' : versionOf(ann.session);
	const authors = Array.from({ length: 16 }, (_, author) => async (server: SessionServer) => {
		const updated = await server.update(ann?.token ?? '', { draft: `by ${author}` }, version);
		return updated.kind;
	});
	expect((await ask(authors)).sort()).toEqual([...Array(15).fill('conflict'), 'updated']);
	expect(violations).toEqual([]);
});

test('of two sessions that end the others at the same moment, one stays and the other is told that it has ended', async () => {
	for (let round = 0; round < 20; round++) {
		const { ask, loggedIn, violations } = await sixteen(round + 1);
		const [one, other] = await loggedIn(2);
		const tokens = [one?.token ?? '', other?.token ?? ''];
		const ends = await ask(tokens.map((token) => (server) => server.endOthers(token)));
		const decisions = await ask(tokens.map((token) => (server) => server.authorize(token, 'vault')));
		expect(decisions.map(({ kind }) => kind).sort()).toEqual(['allowed', 'refused']);
		for (const [index, { kind }] of ends.entries())
			expect(kind).toBe(decisions[index]?.kind === 'allowed' ? 'ended' : 'refused');
		expect(violations).toEqual([]);
	}
});

test('logins beside the end of all other sessions succeed, and last or have ended when that is answered', async () => {
	const { ask, logIn, loggedIn, violations } = await sixteen();
	for (let round = 0; round < 20; round++) {
		const [ann] = await loggedIn(1);
		const logins: ((server: SessionServer) => Promise<{ readonly kind: string }>)[] = Array.from(
			{ length: 6 },
			() => logIn,
		);
		const end = (server: SessionServer) => server.endOthers(ann?.token ?? '');
		const kinds = (await ask([...logins.slice(0, 3), end, ...logins.slice(3)])).map(({ kind }) => kind);
		expect(kinds.filter((kind) => kind !== 'established')).toEqual(['ended']);
	}
	expect(violations).toEqual([]);
});
