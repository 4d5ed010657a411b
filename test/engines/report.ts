/** What became of one engine. `--json` prints an array of these. */
export type EngineReport = { readonly engine: string; readonly ok: boolean } & (
	| { readonly outcome: 'run'; readonly passed: number; readonly failed: number; readonly failures: readonly string[] }
	| { readonly outcome: 'not run'; readonly reason: string }
	/** All that it needs is there, and still it did not start, or its run broke off. */
	| { readonly outcome: 'broken'; readonly reason: string }
);

/** The report for people. */
export function printed(reports: readonly EngineReport[]): string {
	const width = Math.max(...reports.map(({ engine }) => engine.length));
	return reports.map((report) => `${report.engine.padEnd(width)}  ${outcomeOf(report)}\n`).join('');
}

function outcomeOf(report: EngineReport): string {
	switch (report.outcome) {
		case 'run':
			return [
				`${report.passed} passed, ${report.failed} failed`,
				...report.failures.map((failure) => `  FAILED  ${failure}`),
			].join('\n');
		case 'not run':
			return `${report.ok ? 'not run' : 'NOT RUN, AND REQUIRED'}: ${report.reason}`;
		case 'broken':
			return `BROKEN: ${report.reason}`;
	}
}
