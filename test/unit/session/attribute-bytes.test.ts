import { expect, test } from 'vitest';
import { recordBytesMax } from '../../../functions/repositories/record.ts';
import { attributeBytes, attributeBytesMax } from '../../../functions/session/changes.ts';
import { exampleSession } from '../../support/example-session.ts';

test('what a change would make of the attributes is counted in bytes, not in characters', () => {
	const session = exampleSession();
	const [ascii, wide] = [
		attributeBytes(session, { note: 'x'.repeat(1_000) }),
		attributeBytes(session, { note: '€'.repeat(1_000) }),
	];
	expect(wide - ascii).toBe(2_000);
});

test('the most that attributes may take leaves room in a payload of Lambda, which takes 6 MB, and in what can be read back', () => {
	expect(attributeBytesMax).toBeLessThan(6_000_000 / 4);
	expect(attributeBytesMax).toBeLessThanOrEqual(recordBytesMax / 4);
});
