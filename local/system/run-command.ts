import { execFile } from 'node:child_process';

export type CommandResult =
	| { readonly outcome: 'done'; readonly stdout: string }
	/** `reason` names the command, and the last line of what it complained about. */
	| { readonly outcome: 'failed'; readonly reason: string };

/** Runs a command of this machine to its end. That it is not there, fails or takes too long is a result. */
export function runCommand(
	command: string,
	args: readonly string[],
	{ limitMs, cwd }: { limitMs: number; cwd?: string },
): Promise<CommandResult> {
	return new Promise((resolve) => {
		execFile(command, args, { timeout: limitMs, maxBuffer: outputBytesMax, cwd }, (error, stdout, stderr) => {
			if (error === null) return resolve({ outcome: 'done', stdout });
			const named = [command, ...args].join(' ');
			resolve({ outcome: 'failed', reason: `${named}: ${complaintOf(error, stderr, limitMs)}` });
		});
	});
}

const outputBytesMax = 16 * 1024 * 1024;

function complaintOf(error: Error, stderr: string, limitMs: number): string {
	if ('code' in error && error.code === 'ENOENT') return 'there is no such command';
	if ('killed' in error && error.killed) return `took longer than ${limitMs / 1_000} s`;
	return stderr.trim().split('\n').at(-1) || error.message;
}
