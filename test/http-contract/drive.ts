import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { pythonPackages } from '../../local/system/python-packages.ts';
import { makeRunFolder, removeRunFolder } from '../../local/system/run-folder.ts';
import type { Outcome } from './outcome.ts';
import { runProgram } from './run-program.ts';
import type { Stage } from './stage.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** The parts of Schemathesis' report that are counted. */
const reportSchema = v.object({
	complete: v.boolean(),
	operations: v.object({ tested: v.number(), selected: v.number() }),
	failures: v.array(v.object({ title: v.string(), operations: v.array(v.string()) })),
	errors: v.array(v.object({ title: v.string() })),
});

/** Installs Schemathesis if necessary, and lets it drive the region. Its output goes to stderr. */
export async function drive({ region }: Pick<Stage, 'region'>, seed: number, signal: AbortSignal): Promise<Outcome> {
	const name = 'schemathesis';
	const failed = (failure: string): Outcome => ({ name, passed: 0, failures: [failure] });
	const installed = await pythonPackages(name, here('./schemathesis.txt'), { min: 11 });
	if (installed.kind === 'missing') return failed(installed.reason);
	const folder = await makeRunFolder();
	try {
		const reportFile = join(folder, 'report.json');
		const status = await runProgram(
			join(installed.folder, 'bin', 'python'),
			[
				...['-m', 'schemathesis.cli', '--config-file', here('./schemathesis.toml')],
				...['run', `${region.url}/openapi.json`, '--url', region.url],
				...['--seed', String(seed), '--report-json-path', reportFile],
			],
			{
				cwd: folder,
				environment: {
					PYTHONPATH: here('.'),
					PYTHONDONTWRITEBYTECODE: '1',
					SCHEMATHESIS_HOOKS: 'credentials',
					LEASEHOLD_URL: region.url,
					LEASEHOLD_CONTROL: region.control,
				},
				signal,
			},
		);
		if (!existsSync(reportFile)) return failed(`ended with exit status ${status} and no report`);
		return outcomeOf(v.parse(reportSchema, JSON.parse(readFileSync(reportFile, 'utf8'))), status);
	} finally {
		await removeRunFolder(folder);
	}
}

/** Each operation of the contract counts as one test. */
function outcomeOf(
	{ complete, operations, failures, errors }: v.InferOutput<typeof reportSchema>,
	status: number,
): Outcome {
	const failing = new Set(failures.flatMap((failure) => failure.operations));
	const found = [
		...failures.map((failure) => `${failure.title}: ${failure.operations.join(', ')}`),
		...errors.map(({ title }) => title),
		...(complete && operations.tested === operations.selected ? [] : ['some operations were not tested']),
	];
	const failed = status === 0 || found.length > 0 ? found : [`ended with exit status ${status}`];
	return { name: 'schemathesis', passed: operations.tested - failing.size, failures: failed };
}
