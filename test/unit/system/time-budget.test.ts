import { expect, test } from 'vitest';
import { timingDefaults } from '../../../functions/control-table/timing.ts';
import {
	answerMarginMs,
	authorizerFunctionMs,
	busFunctionMs,
	busTryMs,
	busWaitMaxMs,
	controlTableTryMs,
	endStepsMs,
	issuerExchangeMs,
	proofLookEveryMs,
	proofWaitMs,
	repairFunctionMs,
	repairVisibilityMs,
	s3TryMs,
	serviceMs,
	sessionServerFunctionMs,
	sqsTryMs,
	triesMax,
} from '../../../functions/system/time-budget.ts';

const { maxStalenessMs } = timingDefaults;

/** A write whose slowest repository hangs, then the repair queue, then the feed. */
const degradedWriteMs = triesMax * s3TryMs + triesMax * sqsTryMs + triesMax * controlTableTryMs;

const chain: readonly (readonly [string, number, string, number])[] = [
	['two tries of the control table', triesMax * controlTableTryMs, 'the staleness bound', maxStalenessMs],
	['a degraded write', degradedWriteMs, 'one try of the bus', busTryMs],
	['the steps of ending sessions, and one more', endStepsMs + triesMax * s3TryMs, 'one try of the bus', busTryMs],
	['one try of the bus', busTryMs, "the bus's function", busFunctionMs],
	['two tries of the bus', triesMax * busTryMs, "a request's wait for the bus", busWaitMaxMs],
	["a request's wait for the bus", busWaitMaxMs, "the authorizer's function", authorizerFunctionMs],
	["the authorizer's function", authorizerFunctionMs, "the session server's function", sessionServerFunctionMs],
	[
		'a login at an issuer, and the bus',
		3 * issuerExchangeMs + busWaitMaxMs,
		"the session server's function",
		sessionServerFunctionMs,
	],
	[
		'the bus and a service',
		triesMax * busTryMs + serviceMs,
		"the session server's function",
		sessionServerFunctionMs + 1,
	],
	['a proof and a look', proofWaitMs + proofLookEveryMs + triesMax * controlTableTryMs, 'a service', serviceMs],
	["the session server's function", sessionServerFunctionMs, "API Gateway's limit", 30_000],
	['a margin for the answer', answerMarginMs, 'the time of a service', serviceMs],
	["five runs of repair's function", 5 * repairFunctionMs, 'the time that a message is hidden', repairVisibilityMs],
];

test.each(chain)('%s, %i ms, fits into %s, %i ms', (_inner, innerMs, _outer, outerMs) => {
	expect(innerMs).toBeLessThan(outerMs);
});
