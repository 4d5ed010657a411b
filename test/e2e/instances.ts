import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * Process ids of the session servers, where the emulator runs them as processes of this machine, as MiniStack does.
 * Elsewhere there are none to be seen.
 */
export async function sessionServerProcesses(): Promise<readonly number[]> {
	const { stdout } = await promisify(execFile)('ps', ['-eo', 'pid=,args=']);
	return stdout
		.split('\n')
		.filter((line) => /ministack-lambda-\S*SessionServerFunction\S*_worker/.test(line))
		.map((line) => Number(line.trim().split(' ')[0]));
}
