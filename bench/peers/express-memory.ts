import { expressFunction } from './express-app.ts';

/** express-session with its own memory store: each instance knows only its own sessions. */
export const handler = expressFunction();
