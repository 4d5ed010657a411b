import { expect, test } from 'vitest';
import { recordBytesMax } from '../../../functions/repositories/record.ts';
import { attributeBytes, attributeBytesMax } from '../../../functions/session/changes.ts';
import { exampleSession } from '../../support/example-session.ts';

test('the size of changed attributes is counted in bytes, not in characters', () => {
	const session = exampleSession();
	const [ascii, wide] = [
		attributeBytes(session, { note: 'x'.repeat(1_000) }),
		attributeBytes(session, { note: '€'.repeat(1_000) }),
	];
	expect(wide - ascii).toBe(2_000);
});

test('attributes of the largest size fit into a Lambda payload of 6 MB and into a readable record', () => {
	expect(attributeBytesMax).toBeLessThan(6_000_000 / 4);
	expect(attributeBytesMax).toBeLessThanOrEqual(recordBytesMax / 4);
});
