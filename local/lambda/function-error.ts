import type { FunctionError } from './instance-messages.ts';
import type { ProcessOutcome } from './instance-process.ts';

/** What Lambda says of an invocation that brought no answer, in its words. */
export function functionErrorOf(
	outcome: Exclude<ProcessOutcome, { outcome: 'answered' }>,
	requestId: string,
	timeoutMs: number,
): FunctionError {
	switch (outcome.outcome) {
		case 'failed':
			return outcome.error;
		case 'timed-out': {
			const seconds = (timeoutMs / 1000).toFixed(2);
			return {
				errorType: 'Sandbox.Timedout',
				errorMessage: `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`,
			};
		}
		case 'exited': {
			const { code, signal } = outcome.exit;
			const how = signal ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`;
			return {
				errorType: 'Runtime.ExitError',
				errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
			};
		}
	}
}
