import { execFile } from 'node:child_process';

export type CommandResult =
	| { readonly kind: 'done'; readonly stdout: string }
	/** `reason` names the command and the last line of its error output. */
	| { readonly kind: 'failed'; readonly reason: string };

/**
 * Runs a command on this machine to its end. Never rejects: a missing, failed or slow command is a
 * result.
 */
export function runCommand(
	command: string,
	args: readonly string[],
	{ limitMs, cwd }: { limitMs: number; cwd?: string },
): Promise<CommandResult> {
	return new Promise((resolve) => {
		execFile(command, args, { timeout: limitMs, maxBuffer: outputBytesMax, cwd }, (error, stdout, stderr) => {
			if (error === null) return resolve({ kind: 'done', stdout });
			const named = [command, ...args].join(' ');
			resolve({ kind: 'failed', reason: `${named}: ${complaintOf(error, stderr, limitMs)}` });
		});
	});
}

const outputBytesMax = 16 * 1024 * 1024;

function complaintOf(error: Error, stderr: string, limitMs: number): string {
	if ('code' in error && error.code === 'ENOENT') return 'the command was not found';
	if ('killed' in error && error.killed) return `took longer than ${limitMs / 1_000} s`;
	return stderr.trim().split('\n').at(-1) || error.message;
}
