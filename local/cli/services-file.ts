import { readFileSync } from 'node:fs';
import { parseServiceCatalog, type ServiceRule } from '../../functions/access/service-catalog.ts';

export type ServicesRead =
	| { readonly outcome: 'read'; readonly services: readonly ServiceRule[] }
	/** `problem` is one sentence that names the file. */
	| { readonly outcome: 'refused'; readonly problem: string };

/** Reads a service catalog of somebody's own, and checks it as the session server would. */
export function readServices(file: string): ServicesRead {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		return { outcome: 'refused', problem: `${file} cannot be read: ${reasonOf(error)}` };
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return { outcome: 'refused', problem: `${file} is not JSON: ${reasonOf(error)}` };
	}
	try {
		return { outcome: 'read', services: [...parseServiceCatalog(value).values()] };
	} catch (error) {
		return { outcome: 'refused', problem: `${file}: ${reasonOf(error)}` };
	}
}

function reasonOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
