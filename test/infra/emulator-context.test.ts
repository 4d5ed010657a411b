import { App } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { isForEmulator } from '../../infra/emulator/context.ts';

test('a stack is for an emulator only if the context says so', () => {
	expect(isForEmulator(new App())).toBe(false);
	expect(isForEmulator(new App({ context: { 'leasehold:emulator': 'true' } }))).toBe(true);
});

test('the former name of the context is refused with the new one', () => {
	expect(() => isForEmulator(new App({ context: { emulator: true } }))).toThrow('leasehold:emulator');
});
