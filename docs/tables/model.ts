import { configurations } from '../../models/configurations.ts';
import { code, table } from './markdown.ts';

/** The configurations of the model, with what each must show. */
export function modelTable(): string {
	return table(
		['configuration', 'must be', 'subject, or the thought behind the mistake'],
		configurations.map(({ name, expected, thought }) => [code(name), expected === 'holds' ? 'safe' : 'found', thought]),
	);
}
