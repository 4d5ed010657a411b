/** How long the authorizer's function may run for one request: API Gateway stops waiting for an authorizer after 10 seconds. */
export const authorizerFunctionMs = 10_000;
