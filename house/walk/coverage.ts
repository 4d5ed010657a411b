import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

/** Watches which source files run in this process. */
export interface Coverage {
	/**
	 * The files in the folder of which a function ran since the last call, as paths in the folder.
	 */
	take(): Promise<readonly string[]>;
	stop(): void;
}

/** Code that only runs while its module is loaded does not count. */
export async function startCoverage(folder: string): Promise<Coverage> {
	const session = new Session();
	session.connect();
	await session.post('Profiler.enable');
	await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
	return {
		take: async () => {
			const { result } = await session.post('Profiler.takePreciseCoverage');
			return result.flatMap(({ url, functions }) => {
				const file = url.startsWith('file://') ? fileURLToPath(url) : '';
				// A function that begins at the first character of a module is the module itself.
				const ran = functions.some(
					({ ranges: [range] }) => range !== undefined && range.startOffset > 0 && range.count > 0,
				);
				return ran && file.startsWith(folder) ? [file.slice(folder.length)] : [];
			});
		},
		stop: () => session.disconnect(),
	};
}
