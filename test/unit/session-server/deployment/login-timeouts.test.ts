import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { issuerTimeouts } from '../../../../functions/session-server/deployment/login-timeouts.ts';
import {
	faultOfIssuer,
	type IssuerTimeoutOptions,
	parseTimeoutOptions,
	type TimeoutOptions,
} from '../../../../functions/session-server/deployment/timeout-options.ts';
import { type Timeouts, timeoutPresets } from '../../../../functions/session-server/deployment/timeouts.ts';

const limits = timeoutPresets.aal2;

/** The seconds of a login at the client `kiosk`. */
function secondsOf(options: IssuerTimeoutOptions | undefined, own: TimeoutOptions, kind: 'usual' | 'persistent') {
	const timeouts = issuerTimeouts(options, { limits, own });
	const { absoluteMs, idleMs } = (timeouts?.clients.get('kiosk') ?? timeouts?.others)?.[kind] ?? limits;
	return { absolute: absoluteMs / 1_000, idle: idleMs / 1_000 };
}

describe('the timeouts of a login', () => {
	const kiosk = (own: TimeoutOptions): IssuerTimeoutOptions => ({ clients: [{ id: 'kiosk', ...own }] });

	test.each<[string, TimeoutOptions, IssuerTimeoutOptions | undefined, object, object]>([
		['are those of the level if nothing is set', {}, undefined, {}, {}],
		[
			'are those of the deployment',
			{ absoluteSeconds: 7_200, idleSeconds: 900 },
			undefined,
			[7_200, 900],
			[7_200, 900],
		],
		['are set one by one', { idleSeconds: 900 }, { absoluteSeconds: 600 }, [600, 900], [600, 900]],
		[
			'are those of the issuer before those of the deployment',
			{ absoluteSeconds: 7_200, idleSeconds: 900 },
			{ absoluteSeconds: 600, idleSeconds: 60 },
			[600, 60],
			[600, 60],
		],
		[
			'may be longer at an issuer than in the deployment',
			{ idleSeconds: 60 },
			{ idleSeconds: 3_600 },
			[86_400, 3_600],
			[86_400, 3_600],
		],
		[
			'are those of the client before those of the issuer',
			{ idleSeconds: 900 },
			{ idleSeconds: 600, ...kiosk({ idleSeconds: 120 }) },
			[86_400, 120],
			[86_400, 120],
		],
		[
			'are those of the issuer if another client has its own',
			{},
			{ idleSeconds: 600, clients: [{ id: 'other', idleSeconds: 120 }] },
			[86_400, 600],
			[86_400, 600],
		],
		[
			'are longer for persistent logins if the place says so',
			{ absoluteSeconds: 7_200, idleSeconds: 900, persistent: { absoluteSeconds: 86_400 } },
			undefined,
			[7_200, 900],
			[86_400, 900],
		],
		[
			'are those for persistent logins of a wider place if no nearer one has any',
			{ persistent: { idleSeconds: 3_600 } },
			kiosk({ absoluteSeconds: 600 }),
			[600, 3_600],
			[600, 3_600],
		],
		[
			'of a client that is held short are so for persistent logins also',
			{ persistent: { absoluteSeconds: 86_400, idleSeconds: 3_600 } },
			kiosk({ absoluteSeconds: 600, idleSeconds: 120 }),
			[600, 120],
			[600, 120],
		],
		[
			'of a client may say what holds for its persistent logins',
			{ persistent: { idleSeconds: 3_600 } },
			kiosk({ idleSeconds: 120, persistent: { idleSeconds: 1_800 } }),
			[86_400, 120],
			[86_400, 1_800],
		],
	])('%s', (_, own, options, usual, persistent) => {
		const expected = (of: object) =>
			Array.isArray(of) ? { absolute: of[0], idle: of[1] } : { absolute: 86_400, idle: 3_600 };
		expect(secondsOf(options, own, 'usual')).toEqual(expected(usual));
		expect(secondsOf(options, own, 'persistent')).toEqual(expected(persistent));
	});

	test('are left to the level if no place sets any', () => {
		expect(issuerTimeouts(undefined, { limits, own: {} })).toBeUndefined();
	});
});

const seconds = fc.option(fc.integer({ min: 60, max: 100_000 }), { nil: undefined });
const times = fc.record({ absoluteSeconds: seconds, idleSeconds: seconds });
const place = fc.record({ absoluteSeconds: seconds, idleSeconds: seconds, persistent: times });
const level = fc.constantFrom(timeoutPresets.aal1, timeoutPresets.aal2, timeoutPresets.aal3);

test('timeouts that are accepted are used as they are, and none is above the level', () => {
	const accepted = (own: TimeoutOptions, limit: Timeouts) => {
		try {
			return parseTimeoutOptions({ LEASEHOLD_TIMEOUTS: JSON.stringify(own) }, limit) !== undefined;
		} catch {
			return false;
		}
	};
	fc.assert(
		fc.property(level, place, place, place, (within, own, ofIssuer, ofClient) => {
			const options = { ...ofIssuer, clients: [{ id: 'kiosk', ...ofClient }] };
			fc.pre(accepted(own, within) && faultOfIssuer(options, within, () => true) === undefined);
			const timeouts = issuerTimeouts(options, { limits: within, own });
			const given = [own, ofIssuer, ofClient].flatMap(({ persistent, ...usual }) => [usual, persistent]);
			for (const { usual, persistent } of [timeouts?.clients.get('kiosk'), timeouts?.others].flatMap(
				(one) => one ?? [],
			))
				for (const { absoluteMs, idleMs } of [usual, persistent]) {
					expect(absoluteMs).toBeLessThanOrEqual(within.absoluteMs);
					expect(idleMs).toBeLessThanOrEqual(within.idleMs);
					expect([within.absoluteMs, ...given.map((one) => Number(one.absoluteSeconds) * 1_000)]).toContain(absoluteMs);
					expect([within.idleMs, ...given.map((one) => Number(one.idleSeconds) * 1_000)]).toContain(idleMs);
				}
		}),
	);
});
