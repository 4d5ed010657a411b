import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a Node.js program of the project, with its output on stderr. The program has its own process
 * group, so Ctrl-C does not end it: a deployment that was cut short may not be destroyed. It writes
 * to this process and not to the terminal, which may close.
 * @param program the path from the project's folder
 * @throws if it ends with another exit status than 0
 */
export async function runProgram(
	program: string,
	args: readonly string[],
	environment: NodeJS.ProcessEnv,
): Promise<void> {
	const child = spawn(process.execPath, [program, ...args], {
		cwd: projectRoot,
		env: environment,
		detached: true,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	for (const output of [child.stdout, child.stderr]) output.on('data', (piece) => process.stderr.write(piece));
	const [code] = await once(child, 'close');
	if (code !== 0) throw new Error(`${program} ${args[0]} ended with exit status ${code}`);
}
