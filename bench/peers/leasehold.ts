import { handler as deployed } from '../../functions/session-server/handler.ts';
import { measurable } from './measurable.ts';

/** The session server as it is deployed. */
export const handler = measurable(deployed);
