import type { Construct } from 'constructs';

/**
 * CDK context that says that the stack is for an emulator of AWS. What emulators reject is then
 * left out: the schedule that rotates token keys, and alarms over sums of metrics. The function
 * that empties a bucket is not needed there and is left out as well. It is context and not a
 * property of `Leasehold`, so that no copied props can turn key rotation off in production.
 */
export const emulatorContext = 'leasehold:emulator';

export function isForEmulator(scope: Construct): boolean {
	return String(scope.node.tryGetContext(emulatorContext)) === 'true';
}
