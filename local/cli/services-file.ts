import { readFileSync } from 'node:fs';
import { parseServiceCatalog, type ServiceRule } from '../../functions/access/service-catalog.ts';
import { messageOf } from '../system/message-of.ts';

export type ServicesFile =
	| { readonly kind: 'read'; readonly services: readonly ServiceRule[] }
	/** `problem` is one sentence that names the file. */
	| { readonly kind: 'refused'; readonly problem: string };

/** Reads a user's service catalog, with the same checks as the session server. */
export function readServices(file: string): ServicesFile {
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (error) {
		return { kind: 'refused', problem: `${file} cannot be read: ${messageOf(error)}` };
	}
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (error) {
		return { kind: 'refused', problem: `${file} is not JSON: ${messageOf(error)}` };
	}
	try {
		parseServiceCatalog(value);
		// The rules as they are in the file: parsed rules have a field more, which no file may have.
		return { kind: 'read', services: value as readonly ServiceRule[] };
	} catch (error) {
		return { kind: 'refused', problem: `${file}: ${messageOf(error)}` };
	}
}
