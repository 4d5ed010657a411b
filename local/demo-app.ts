import { fileURLToPath } from 'node:url';
import { createNotesApi } from '../examples/notes/api.ts';
import type { ServiceRule } from '../functions/access/service-catalog.ts';
import type { PagesSettings } from './gateway/pages.ts';
import { listen } from './system/listen.ts';

/** The example application `examples/notes`, for a region to serve. */
export interface DemoApp {
	readonly services: readonly ServiceRule[];
	readonly pages: PagesSettings;
	close(): Promise<void>;
}

/** Starts the application's API on this machine. */
export async function startDemoApp(): Promise<DemoApp> {
	const api = await listen(createNotesApi());
	return {
		services: [
			{ name: 'notes', url: `${api.url}/open` },
			{ name: 'private', url: `${api.url}/private`, minAssurance: 2 },
		],
		pages: { prefix: '/app/', folder: fileURLToPath(new URL('../examples/notes/page', import.meta.url)) },
		close: api.close,
	};
}
