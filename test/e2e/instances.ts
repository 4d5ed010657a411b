import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { deployed } from './client.ts';

/**
 * Process ids of the deployment's session servers, where the emulator runs them as processes of this machine, as MiniStack does.
 * Elsewhere there are none to be seen. Another emulator may run beside it: its functions have another endpoint in their environment.
 */
export async function sessionServerProcesses(): Promise<readonly number[]> {
	if (deployed.endpoint === undefined) return [];
	const { port } = new URL(deployed.endpoint);
	const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,args='], { maxBuffer: outputBytesMax });
	return stdout
		.split('\n')
		.filter((line) => /ministack-lambda-\S*SessionServerFunction\S*_worker/.test(line))
		.filter((line) => new RegExp(` AWS_ENDPOINT_URL=http://[^ :]+:${port}(/| |$)`).test(line))
		.map((line) => Number(line.trim().split(' ')[0]));
}

/** The environments of all processes: some kilobytes each. */
const outputBytesMax = 64 * 1024 * 1024;
