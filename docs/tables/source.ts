import { globSync, readFileSync } from 'node:fs';

/*
 * Constants of `functions/`, by their name in the source. Most of them are private to their
 * modules. Exporting them for the documents alone would widen every module.
 */

const root = new URL('../../', import.meta.url);

interface Definition {
	readonly file: string;
	readonly expression: string;
}

let known: ReadonlyMap<string, readonly Definition[]> | undefined;

function definitions(): ReadonlyMap<string, readonly Definition[]> {
	if (known !== undefined) return known;
	const found = new Map<string, Definition[]>();
	for (const file of globSync('functions/**/*.ts', { cwd: root }).sort())
		for (const [, name = '', expression = ''] of readFileSync(new URL(file, root), 'utf8').matchAll(
			/^(?:export )?const (\w+)(?:: number)? = ([\w.*/+ ]+);$/gm,
		))
			found.set(name, [...(found.get(name) ?? []), { file, expression }]);
	known = found;
	return found;
}

/**
 * The number that a constant at the top level of a module is set to.
 *
 * @param where part of the file's path, for a name that several modules use
 * @throws when no module, or more than one, defines it, or when its value is not plain arithmetic
 */
export function constant(name: string, where = ''): number {
	const all = (definitions().get(name) ?? []).filter(({ file }) => file.includes(where));
	const [definition, ...others] = all;
	if (definition === undefined) throw new Error(`functions/ defines no constant ${name} in a file like "${where}"`);
	if (others.length > 0) throw new Error(`${name} is defined in ${all.map(({ file }) => file).join(' and ')}`);
	return evaluate(definition.expression, definition.file);
}

/** Products and quotients of numbers and of other constants. */
function evaluate(expression: string, file: string): number {
	const [first = '', ...rest] = expression.split(/ ([*/]) /);
	let value = operand(first, file);
	for (let index = 0; index < rest.length; index += 2) {
		const next = operand(rest[index + 1] ?? '', file);
		value = rest[index] === '*' ? value * next : value / next;
	}
	return value;
}

function operand(text: string, file: string): number {
	if (/^[\d_.]+$/.test(text)) return Number(text.replaceAll('_', ''));
	const here = definitions()
		.get(text)
		?.some((definition) => definition.file === file);
	return constant(text, here ? file : '');
}
