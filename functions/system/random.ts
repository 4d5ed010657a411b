import { randomBytes } from 'node:crypto';

/** Port: unpredictable bytes, for ids and secrets. The simulation has its own source. */
export type RandomBytes = (length: number) => Uint8Array;

export const systemRandomBytes: RandomBytes = (length) => randomBytes(length);
