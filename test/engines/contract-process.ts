/**
 * The process in which vitest runs the contract on an engine. It gets the task as a message and
 * sends back the result.
 */
import { fileURLToPath } from 'node:url';
import { startVitest, type TestModule } from 'vitest/node';
import { contractFilesOn } from './contract-files.ts';
import type { ContractRun, ContractTask } from './run-contract.ts';

process.once('message', async (task: ContractTask) => {
	const run = await runContract(task);
	process.send?.(run, () => process.exit());
});
// The parent process is gone.
process.once('disconnect', () => process.exit(1));

async function runContract({ services, access, testMsMax }: ContractTask): Promise<ContractRun> {
	const vitest = await startVitest([], {
		config: false,
		root: fileURLToPath(new URL('../..', import.meta.url)),
		watch: false,
		include: [...contractFilesOn(services)],
		allowOnly: false,
		testTimeout: testMsMax,
		hookTimeout: 2 * testMsMax,
		reporters: ['default'],
		...(access === undefined ? {} : { provide: { engine: access } }),
	});
	const run = runOf(vitest.state.getTestModules(), vitest.state.getUnhandledErrors());
	await vitest.close();
	return run;
}

function runOf(modules: readonly TestModule[], unhandled: readonly unknown[]): ContractRun {
	const tests = modules.flatMap((module) => [...module.children.allTests()]);
	const passed = tests.filter((test) => test.result().state === 'passed').length;
	const failures = [
		...tests.flatMap((test) => {
			const { state, errors = [] } = test.result();
			return state === 'passed' ? [] : [`${test.fullName}: ${firstLine(errors[0]) || state}`];
		}),
		...modules.flatMap((module) =>
			// Errors of a file that cannot be loaded, or of hooks before and after its tests.
			[module, ...module.children.allSuites()].flatMap((suite) =>
				suite.errors().map((error) => `${module.relativeModuleId}: ${firstLine(error)}`),
			),
		),
		...unhandled.map((error) => `outside any test: ${firstLine(error)}`),
		...(tests.length === 0 ? ['there was no test to run'] : []),
	];
	return { passed, failures };
}

function firstLine(error: unknown): string {
	const text = typeof error === 'object' && error !== null && 'message' in error ? error.message : (error ?? '');
	return String(text).split('\n', 1)[0] ?? '';
}
