import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { deployed } from './client.ts';

/**
 * The process ids of the deployment's session servers, if MiniStack runs them on this machine, and
 * none otherwise.
 */
export function sessionServerProcesses(): Promise<readonly number[]> {
	return processesOf(/ministack-lambda-\S*SessionServerFunction\S*_worker/);
}

/** The same for all functions. */
export function functionProcesses(): Promise<readonly number[]> {
	return processesOf(/ministack-lambda-\S*_worker/);
}

/**
 * Another emulator may run on the machine. Its functions have another endpoint in their
 * environment.
 */
async function processesOf(program: RegExp): Promise<readonly number[]> {
	if (deployed.endpoint === undefined) return [];
	const { port } = new URL(deployed.endpoint);
	const { stdout } = await promisify(execFile)('ps', ['axeww', '-o', 'pid=,args='], { maxBuffer: outputBytesMax });
	return stdout
		.split('\n')
		.filter((line) => program.test(line))
		.filter((line) => new RegExp(` AWS_ENDPOINT_URL=http://[^ :]+:${port}(/| |$)`).test(line))
		.map((line) => Number(line.trim().split(' ')[0]));
}

/** Room for the environments of all processes, of some kilobytes each. */
const outputBytesMax = 64 * 1024 * 1024;
