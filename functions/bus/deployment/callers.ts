import type { OperationName } from '../../protocol/operations.ts';

/**
 * The alias of the bus's function that authorizers invoke. Their roles may invoke nothing else, and
 * Lambda tells the function by which name it was invoked. A message could say anything of its
 * sender.
 */
export const authorizerAlias = 'authorizer';

/** An authorizer looks sessions up, finds forged records, adopts sessions and reports their use. */
const authorizerOperations: ReadonlySet<OperationName> = new Set(['read', 'recover', 'touch', 'inspect']);

/**
 * Whether a caller may ask for the operation.
 *
 * @param invokedArn the ARN of the function, and `:<alias>` if the caller has named one. Session
 * servers name none.
 */
export function mayAskFor(operation: OperationName, invokedArn: string): boolean {
	const alias = invokedArn.split(':')[7];
	return alias === undefined || (alias === authorizerAlias && authorizerOperations.has(operation));
}
