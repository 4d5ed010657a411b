/**
 * How long the repair function may run for one batch. It repairs all messages of the batch at once and withdraws notes after
 * them. The time suffices even if every read and write of each repository takes both tries.
 */
export const repairFunctionMs = 15_000;

/**
 * How long SQS hides a message that was delivered: six times the function's time, as Lambda's guide recommends. If it were
 * shorter, throttled invocations would use up deliveries of messages that nobody has tried to repair.
 */
export const repairVisibilityMs = 6 * repairFunctionMs;
