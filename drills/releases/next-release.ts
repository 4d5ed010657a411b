import { readFile } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const functions = fileURLToPath(new URL('../../functions/', import.meta.url));
const moreFields = fileURLToPath(new URL('./more-fields.ts', import.meta.url));

/** The changes of the next release: by file, the texts to replace, and their successors. */
type Changes = Readonly<Record<string, readonly (readonly [find: string | RegExp, replace: string])[]>>;

/**
 * The next release is the current one with a field more in every message, answer and stored thing,
 * and with the next version of the protocol. It understands the current release, and no older one.
 */
const changes: Changes = {
	'protocol/version.ts': [
		[/export const protocolVersion = \d+;/, 'const current = $<version>;\nexport const protocolVersion = current + 1;'],
		[/export const oldestProtocol = \d+;/, 'export const oldestProtocol = current;'],
	],
	'protocol/envelope.ts': [['oldest: oldestProtocol, body };', 'oldest: oldestProtocol, body: withMore(body) };']],
	'protocol/messages.ts': [['return open(messageSchema, value);', 'return withMore(open(messageSchema, value));']],
	'session/lifetime.ts': [['({ ...session, lastSeenAtMs: atMs })', '(withMore({ ...session, lastSeenAtMs: atMs }))']],
	'session/changes.ts': [
		['{ stamp, deleted: true } : { stamp, value }', 'withMore({ stamp, deleted: true }) : withMore({ stamp, value })'],
		['Object.freeze({ epoch, instanceId })', 'Object.freeze(withMore({ epoch, instanceId }))'],
	],
	'repositories/subject-entries.ts': [
		['JSON.stringify({ ...unknown, schema, entries })', 'JSON.stringify(withMore({ ...unknown, schema, entries }))'],
		['JSON.stringify(used)', 'JSON.stringify(withMore(used))'],
	],
	'repositories/dynamodb/subject-index.ts': [
		['used: { S: encodeUsed(used', "later: { S: 'next' }, used: { S: encodeUsed(used"],
	],
	'control-table/dynamodb/markers.ts': [['`SET #state = :open,', '`SET later = :open, #state = :open,']],
	'control-table/dynamodb/lease-table.ts': [
		['sealed: { BOOL: false },', "later: { S: 'next' }, sealed: { BOOL: false },"],
	],
	'control-table/dynamodb/entry-items.ts': [['session: { S: entry', "later: { S: 'next' }, session: { S: entry"]],
	'repair/repair-message.ts': [
		['sessionId,\n\t\tmissing: [...missing]', "later: 'next',\n\t\tsessionId,\n\t\tmissing: [...missing]"],
	],
};

/** Makes esbuild bundle the next release from the source of this one. */
export const nextRelease: Plugin = {
	name: 'next-release',
	setup: ({ onLoad }) => {
		onLoad({ filter: /[/\\]functions[/\\].*\.ts$/ }, async ({ path }) => {
			const file = relative(functions, path).split(sep).join('/');
			const replacements = changes[file];
			if (replacements === undefined) return undefined;
			const source = await readFile(path, 'utf8');
			return { contents: changed(file, source, replacements), loader: 'ts' };
		});
	},
};

/** @throws when the source has changed, so that a text to replace is not in it exactly once. */
function changed(file: string, source: string, replacements: Changes[string] & object): string {
	let text = source;
	for (const [find, replace] of replacements) {
		const pieces = text.split(find);
		if (pieces.length !== 2) throw new Error(`the next release: ${file} must have ${find} exactly once`);
		const version = /protocolVersion = (\d+)/.exec(source)?.[1] ?? '';
		text = pieces.join(replace.replace('$<version>', version));
	}
	return text.includes('withMore(') ? `import { withMore } from ${JSON.stringify(moreFields)};\n${text}` : text;
}
