/**
 * The settings of the local region and of a deployment to an emulator. The welcome and the drills
 * depend on them.
 */
import { readFileSync } from 'node:fs';
import type { ServiceRule } from '../functions/access/service-catalog.ts';

const servicesFile = new URL('./services.json', import.meta.url);

/** The session server and the stack check them, like the rules of any user. */
export const demoServices: readonly ServiceRule[] = JSON.parse(readFileSync(servicesFile, 'utf8'));

/** The attributes that clients may read and write. */
export const demoClientAttributes: readonly string[] = ['theme', 'cart', 'locale', 'nickname'];

/** The user whose ID token `npm start` prints. */
export const demoUser = { subject: 'ada', scope: 'billing:read' } as const;
