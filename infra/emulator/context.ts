import type { Construct } from 'constructs';

/**
 * CDK context that says that the stack is for an emulator of AWS. The stack then leaves out the
 * resources that emulators reject: the schedule that rotates token keys, and alarms over sums of
 * metrics. It also leaves out the function that empties the bucket, which is not needed there. It
 * adds a function URL, for emulators that have no HTTP APIs.
 *
 * It is context and not a property of `Leasehold`, so that no copied props can turn key rotation
 * off in production.
 */
export const emulatorContext = 'leasehold:emulator';

/** The key's former name. Silently ignored, it would give an emulator a stack that it rejects. */
const formerContext = 'emulator';

/** @throws if the context has the key's former name. */
export function isForEmulator(scope: Construct): boolean {
	if (scope.node.tryGetContext(formerContext) !== undefined)
		throw new Error(`the context "${formerContext}" is now called "${emulatorContext}": rename it`);
	return String(scope.node.tryGetContext(emulatorContext)) === 'true';
}
