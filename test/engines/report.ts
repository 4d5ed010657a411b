/** The result of one engine. `--json` prints an array of these, so the field names must stay. */
export type EngineReport = { readonly engine: string; readonly ok: boolean } & (
	| { readonly outcome: 'run'; readonly passed: number; readonly failed: number; readonly failures: readonly string[] }
	| { readonly outcome: 'not run'; readonly reason: string }
	/**
	 * The engine had everything that it needs but did not start, or its run ended without a result.
	 */
	| { readonly outcome: 'broken'; readonly reason: string }
);

/** The report as text. */
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
