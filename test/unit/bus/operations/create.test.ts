import { describe, expect, test } from 'vitest';
import type { RevocationReason } from '../../../../functions/session/session.ts';
import { createMemoryServices, type Fate } from '../../../support/memory/memory-bus.ts';
import { create, endAll, liveOf, sessionAt, subject } from '../../../support/subject-client.ts';

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

describe('a login whose entry nobody marked', () => {
	test('is acknowledged and has its entry, if only the answer to its entry was lost', async () => {
		const { answer, isEntered } = await loginBeside(undefined, { entering: 'fails after it took effect' });
		expect(answer).toMatchObject({ kind: 'found', receipt: { degraded: true } });
		expect(isEntered).toBe(true);
	});

	test('is acknowledged without an entry, and gets it by a repair, if the index was never reached', async () => {
		const { services, session, answer } = await loginBeside(undefined, { entering: 'fails', looking: 'fails' });
		expect(answer).toMatchObject({ kind: 'found', receipt: { degraded: true } });
		expect(services.repairs).toEqual(new Set([session.id]));
		expect(await liveOf(services.bus(), [session])).toEqual([session.id]);
	});
});
