import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ReadyEngine } from './engine.ts';

export type ContractTask = Omit<ReadyEngine, 'close'>;

export interface ContractRun {
	readonly passed: number;
	/** One line per failure. */
	readonly failures: readonly string[];
}

/**
 * Runs the contract suites on an engine, in a separate process. When vitest is told to end, it
 * exits at once, but the engine still has to be cleaned up. vitest's output goes to stderr.
 *
 * @throws if the process ends without a result, as it does on `signal`
 */
export async function runContract(
	{ services, access, testMsMax }: ReadyEngine,
	signal: AbortSignal,
): Promise<ContractRun> {
	signal.throwIfAborted();
	const child = fork(fileURLToPath(new URL('./contract-process.ts', import.meta.url)), {
		stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
	});
	const end = () => void child.kill('SIGTERM');
	signal.addEventListener('abort', end, { once: true });
	const closed = once(child, 'close');
	try {
		const task: ContractTask = { services, access, testMsMax };
		child.send(task);
		const answered = once(child, 'message').then(([run]) => run as ContractRun);
		const run = await Promise.race([answered, closed.then(() => 'none' as const)]);
		if (run === 'none') throw new Error('the run ended without a result');
		await closed;
		return run;
	} finally {
		signal.removeEventListener('abort', end);
	}
}
