import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends what the region leaves behind, however the region ends. */
export interface Guardian {
	watch(pid: number): void;
	/** To be called when the process has ended, so that its number, used anew, is nobody else's death. */
	unwatch(pid: number): void;
	/** Ends the guardian, which on its way out kills what it still watches and removes the folder. */
	dismiss(): Promise<void>;
}

/**
 * Reads `+ pid` and `- pid`. Its input ends when the region does, kill -9 included. Processes of functions see for
 * themselves that the region is gone, except those that are stopped: only a signal from outside reaches them.
 */
const program = `
trap '' INT TERM HUP
pids=' '
while read -r sign pid; do
	if [ "$sign" = + ]; then
		pids="$pids$pid "
	else
		rest=' '
		for each in $pids; do [ "$each" = "$pid" ] || rest="$rest$each "; done
		pids=$rest
	fi
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
rm -rf -- "$1"
`;

/** @param folder removed in the end */
export function startGuardian(folder: string): Guardian {
	// In a session of its own: Ctrl-C goes to everything that shares the terminal.
	const shell = spawn('/bin/sh', ['-c', program, 'leasehold-guardian', folder], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
		env: { PATH: '/usr/bin:/bin' },
	});
	shell.unref();
	shell.on('error', () => undefined); // No shell, no guardian: the region works, and cleans up unless it is killed.
	shell.stdin.on('error', () => undefined);
	const ended = once(shell, 'close').catch(() => undefined);
	return {
		watch: (pid) => void shell.stdin.write(`+ ${pid}\n`),
		unwatch: (pid) => void shell.stdin.write(`- ${pid}\n`),
		dismiss: async () => {
			shell.ref();
			shell.stdin.end();
			await ended;
		},
	};
}
