/**
 * The processor of a function with 512 MB, as a part of a whole one: Lambda gives a whole one for
 * 1,769 MB ("Configure Lambda function memory", AWS Lambda Developer Guide).
 */
export const processorShare = 512 / 1_769;
export const functionGb = 0.5;

/**
 * Processor time of one call with the AWS SDK, in milliseconds. `npm run bench -- request` shows it
 * as the difference of a bare read and a function without one.
 */
export const sdkCallMs = 0.9;

/** Processor time of a decision from memory, in milliseconds, by `npm run bench -- request`. */
export const warmDecisionMs = 0.02;

/** A store that no session is read from costs this much all the same. */
export const valkeyGbMin = 0.1;
