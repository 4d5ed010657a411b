/**
 * The settings of a local region and of a deployment to an emulator. The welcome and the drills use
 * them.
 */
import { readFileSync } from 'node:fs';
import { parseServiceCatalog, type ServiceRule } from '../functions/access/service-catalog.ts';

const services: unknown = JSON.parse(readFileSync(new URL('./services.json', import.meta.url), 'utf8'));

export const demoServices: readonly ServiceRule[] = [...parseServiceCatalog(services).values()];

/** The attributes that clients may read and write. */
export const demoClientAttributes: readonly string[] = ['theme', 'cart', 'locale', 'nickname'];

/** The user whose ID token `npm start` prints. */
export const demoUser = { subject: 'ada', scope: 'billing:read' } as const;
