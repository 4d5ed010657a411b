import { describe, expect, test } from 'vitest';
import type { RevocationReason } from '../../../../functions/session/session.ts';
import { createMemoryServices, type Fate } from '../../../support/memory/memory-bus.ts';
import { create, createWithoutIndex, endAll, liveOf, sessionAt, subject } from '../../../support/subject-client.ts';

const ample = { max: 100, action: 'end-oldest' } as const;
const one = { max: 1, action: 'end-oldest' } as const;

/**
 * A login whose entry is made. Before its record is stored, `meanwhile` runs, and after that the
 * calls to the index have these fates.
 */
async function loginBeside(
	meanwhile: RevocationReason | undefined,
	fates: { readonly entering?: Fate; readonly looking?: Fate },
) {
	const services = createMemoryServices();
	const { wallMs } = services.clock.now();
	const session = sessionAt(wallMs);
	const end = async () => {
		if (meanwhile === 'administration') await endAll(services.bus(), wallMs);
		if (meanwhile === 'quota') await create(services.bus(), sessionAt(wallMs + 1), one);
	};
	let ending: Promise<void> | undefined;
	const bus = services.bus(async (call) => {
		if (call === 'change entries' && ending === undefined) return fates.entering ?? 'done';
		if (call === 'read entries') return fates.looking ?? 'done';
		// No repository has the record before that is done.
		if (call.startsWith('merge')) {
			ending ??= end();
			await ending;
		}
		return 'done';
	});
	const answer = await create(bus, session, ample);
	const index = await services.subjects.read(subject);
	const entries = index.kind === 'read' ? index.entries.map(({ id }) => id) : [];
	return { services, session, answer, isEntered: entries.includes(session.id) };
}

describe.each(['administration', 'quota'] as const)('a login that was marked to end (%s)', (reason) => {
	test.each([
		['and nothing fails', {}],
		['and its look at the index fails', { looking: 'fails' }],
		['and the answer to its entry was lost', { entering: 'fails after it took effect' }],
		[
			'and the answer to its entry was lost and its look fails',
			{ entering: 'fails after it took effect', looking: 'fails' },
		],
	] as const)('is not acknowledged, if its record is stored after that %s', async (_how, fates) => {
		const { answer } = await loginBeside(reason, fates);
		expect(answer.kind).not.toBe('found');
	});
});

describe('a login while the index is unavailable', () => {
	test('is not acknowledged if somebody marked the entry that an earlier try made', async () => {
		const services = createMemoryServices();
		const { wallMs } = services.clock.now();
		const session = sessionAt(wallMs);
		// The first try makes the entry, and its bus dies.
		void create(
			services.bus((call) => (call.startsWith('merge') ? 'dies before' : 'done')),
			session,
			ample,
		);
		await expect.poll(() => services.subjects.read(subject)).toMatchObject({ entries: [{ id: session.id }] });
		expect(await endAll(services.bus(), wallMs)).toMatchObject({ kind: 'ended' });
		const answer = await create(
			services.bus((call) => (call.endsWith('entries') ? 'fails' : 'done')),
			session,
			ample,
		);
		expect(answer).toEqual({ kind: 'index-unavailable' });
		expect(await liveOf(services.bus(), [session])).toEqual([]);
	});

	test('stores nothing, even if only the answer of the index was lost', async () => {
		const { services, session, answer } = await loginBeside(undefined, { entering: 'fails after it took effect' });
		expect(answer).toEqual({ kind: 'index-unavailable' });
		expect(await liveOf(services.bus(), [session])).toEqual([]);
	});

	test('is acknowledged if it asks for no entry, and a repair makes its entry', async () => {
		const services = createMemoryServices();
		const session = sessionAt(services.clock.now().wallMs);
		const bus = services.bus((call) => (call.endsWith('entries') ? 'fails' : 'done'));
		for (const _try of ['first', 'repeated']) {
			const answer = await createWithoutIndex(bus, session, ample);
			expect(answer).toMatchObject({ kind: 'found', receipt: { degraded: true } });
		}
		expect(services.repairs).toEqual(new Set([session.id]));
		expect(await liveOf(services.bus(), [session])).toEqual([session.id]);
		await services.drainRepairs();
		expect(await services.subjects.read(subject)).toMatchObject({ entries: [{ id: session.id }] });
	});

	test('is revoked if somebody ended the session before the message is repeated', async () => {
		const services = createMemoryServices();
		const { wallMs } = services.clock.now();
		const session = sessionAt(wallMs);
		await createWithoutIndex(services.bus(), session, ample);
		await services.drainRepairs();
		await endAll(services.bus(), wallMs);
		expect(await createWithoutIndex(services.bus(), session, ample)).toMatchObject({ kind: 'revoked' });
	});
});
