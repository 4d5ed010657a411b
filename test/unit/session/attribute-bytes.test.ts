import { expect, test } from 'vitest';
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

test('the most that attributes may take leaves room in an item of DynamoDB, which takes 400 kB', () => {
	expect(attributeBytesMax).toBeLessThan(400_000 - 20_000);
});
