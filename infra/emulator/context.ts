import type { Construct } from 'constructs';

/**
 * CDK context that says that the stack is for an emulator of AWS. The stack then leaves out the
 * resources that emulators reject: the schedule that rotates token keys, and alarms over sums of
 * metrics. It also leaves out the function that empties the bucket, which is not needed there.
 *
 * It is context and not a property of `Leasehold`, so that no copied props can turn key rotation
 * off in production.
 */
export const emulatorContext = 'leasehold:emulator';

export function isForEmulator(scope: Construct): boolean {
	return String(scope.node.tryGetContext(emulatorContext)) === 'true';
}
