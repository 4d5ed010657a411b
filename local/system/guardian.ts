import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Kills the processes and removes the folder of a region, however the region ends. */
export interface Guardian {
	watch(pid: number): void;
	/**
	 * Call this when the process has ended. The system may reuse its id for an unrelated process.
	 */
	unwatch(pid: number): void;
	/**
	 * Ends the guardian. Before it ends, it kills the processes that it still watches and removes
	 * the folder.
	 */
	dismiss(): Promise<void>;
}

/**
 * Reads lines `+ pid` and `- pid`. Its input ends when the region ends, even by kill -9. The
 * functions' processes notice by themselves that the region is gone, unless they are stopped: then
 * only a signal from outside reaches them.
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

/** @param folder is removed when the guardian ends */
export function startGuardian(folder: string): Guardian {
	// In its own session, because Ctrl-C goes to every process that shares the terminal.
	const shell = spawn('/bin/sh', ['-c', program, 'leasehold-guardian', folder], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
		env: { PATH: '/usr/bin:/bin' },
	});
	shell.unref();
	// Without a shell there is no guardian. The region still works, and cleans up unless it is
	// killed.
	shell.on('error', () => undefined);
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
