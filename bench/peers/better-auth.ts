import { betterAuthFunction } from './better-auth-peer.ts';

export const handler = await betterAuthFunction({ cookieCache: false });
