import { expect, test } from 'vitest';
import { documents, filled } from '../../../docs/tables/fill.ts';

test.each(documents())('$path has its tables as the code has them now; if not, run npm run docs', async (document) => {
	expect(document.text).toBe(await filled(document));
});
