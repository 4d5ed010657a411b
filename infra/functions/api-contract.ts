import { readFileSync } from 'node:fs';

/** The contract of the API, as the session server reads it beside its bundle. */
export const contractFileName = 'openapi.json';

/** The committed contract, without white space. */
export function contractText(): string {
	return JSON.stringify(JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')));
}
