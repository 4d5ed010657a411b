import { expect, test } from 'vitest';
import { documents, filled } from '../../../docs/tables/fill.ts';

test.each(documents().filter(({ text }) => text.includes('<!-- generated: ')))(
	'the generated tables of $path are as the code has them; if not, npm run docs writes them',
	({ text }) => {
		expect(text).toBe(filled(text));
	},
);
