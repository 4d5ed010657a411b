/*
 * The time budget of a request, on one page. Each time fits into the one that waits for it:
 *
 *   two tries of the control table                     1.0 s < staleness bound, 2 s by default
 *   a repository that hangs, then the queue, the feed  3.2 s < one try of the bus, 3.5 s
 *   one try of the bus                                 3.5 s < the bus's function, 5 s
 *   two tries of the bus                               7.0 s < a request's wait for it, 7.2 s
 *   a request's wait for the bus                       7.2 s < the authorizer's function, 10 s
 *   a proof, and a look at the leases                  3.0 s < a service, 10 s
 *   three exchanges with an issuer, and the bus       16.2 s < the session server's function
 *   the bus, then a service                             17 s = the session server's function
 *   the session server's function                       17 s < API Gateway, 30 s
 *
 * `test/unit/system/time-budget.test.ts` asserts these inequalities. When a stack is synthesized,
 * `infra/settings/request-time.ts` asserts those that depend on its settings. The stack and the
 * local region give functions these times. Decision 39 has the reasons.
 */

/** How often a call of an AWS service is tried before it fails. No other layer repeats calls. */
export const triesMax = 2;

/**
 * The SDK's longest pause before it repeats a call that the service has throttled. Before other
 * repeats it waits for less than 50 ms. The times above leave pauses out.
 */
export const throttledPauseMsMax = 1_000;

/** A call to DynamoDB takes a few milliseconds; this is a hundred times that. */
export const controlTableTryMs = 500;

/** S3 answers its slowest requests within some hundred milliseconds. */
export const s3TryMs = 600;

/** SQS takes a message within some ten milliseconds. */
export const sqsTryMs = 500;

/** Secrets Manager answers within some ten milliseconds. */
export const secretsManagerTryMs = 1_000;

/** Longer than the bus waits for a repository that hangs, then the queue and the feed. */
export const busTryMs = 3_500;

/**
 * How long a request may have lasted and still wait for the bus to find its session. It is also the
 * limit of any one call of the bus: two tries, and the pause between them.
 */
export const busWaitMaxMs = 7_200;

/**
 * How long an answer waits until a message that nobody waits for has left. It leaves within a
 * millisecond, or within some ten if it needs a new connection.
 */
export const departureMs = 100;

/** Longer than one try of a session server, so that the bus finishes a write after that. */
export const busFunctionMs = busTryMs + 1_500;

/**
 * When ending the sessions of a subject, the bus begins no further step after this time: one more
 * step still fits into one try of the session server.
 */
export const endStepsMs = 1_500;

/** API Gateway stops waiting for an authorizer after 10 seconds. */
export const authorizerFunctionMs = 10_000;

/**
 * One exchange with an issuer. A login in a browser waits for its metadata, its ID token and its
 * keys, if it knows none of them.
 */
export const issuerExchangeMs = 3_000;

/** The longest that a service may take for a forwarded request. */
export const serviceMs = 10_000;

/** Left to answer. A function that runs out of time is ended, with every copy in its memory. */
export const answerMarginMs = 1_000;

/** How often a logout that is confirmed everywhere looks at the leases. */
export const proofLookEveryMs = 250;

/**
 * How long a logout waits for its proof. Instances with requests prove it within that time. Others
 * prove nothing until their lease has expired, so the client asks again.
 */
export const proofWaitMs = 2_000;

/**
 * How long a session server's function may run. This covers both tries of one call of the bus, and
 * then all of the time of a service. A request with two such calls of the bus may run out of time.
 */
export const sessionServerFunctionMs = triesMax * busTryMs + serviceMs;

/**
 * How long the repair function may run for one batch. It repairs all messages of the batch at once,
 * even if every read and write takes both tries.
 */
export const repairFunctionMs = 15_000;

/**
 * How long SQS hides a message that was delivered: six times the function's time, as Lambda's guide
 * recommends. Otherwise throttled invocations would use up deliveries that nobody has tried.
 */
export const repairVisibilityMs = 6 * repairFunctionMs;
