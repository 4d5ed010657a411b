import { createServer } from 'node:http';
import { type Listener, listen } from '../../../local/system/listen.ts';

/** A service that notes the paths of the changes that reach it. */
export interface Recorder extends Listener {
	readonly changes: Set<string>;
}

export async function startRecorder(): Promise<Recorder> {
	const changes = new Set<string>();
	const listener = await listen(
		createServer((request, response) => {
			if (request.method !== 'GET') changes.add(String(request.url));
			response.end();
		}),
	);
	return { ...listener, changes };
}
