import { readFileSync } from 'node:fs';

/**
 * The content of a settings file. The file is deployed beside the bundle that has this module.
 *
 * @throws if the file is missing or no JSON
 */
export function readJsonBeside(name: string): unknown {
	return JSON.parse(readTextBeside(name));
}

/** @throws if the file is missing */
export function readTextBeside(name: string): string {
	return readFileSync(new URL(name, import.meta.url), 'utf8');
}
