/** The result of a drill. `--json` prints exactly this. */
export interface Report {
	readonly scenario: string;
	readonly requests: number;
	/**
	 * Requests without an answer, with a 5xx, or with an answer that does not fit the session's
	 * state.
	 */
	readonly failed: number;
	/**
	 * Of `requests`, those answered with 503 because the machine stalled the region's services.
	 * They are not failures.
	 */
	readonly excused: number;
	/** Milliseconds for which the machine stalled the region's services. */
	readonly stoodStillMs: number;
	readonly wrongAllows: number;
	readonly lostSessions: number;
	readonly promises: readonly Promised[];
	readonly ok: boolean;
}

/** One promise, and the measurement that shows whether it was kept. */
export interface Promised {
	readonly name: string;
	/** The value that keeps the promise, such as `at most 0`. */
	readonly bar: string;
	readonly measured: string;
	readonly ok: boolean;
}

/** Completes a report: it is ok if it has promises and all were kept. */
export function reportOf(report: Omit<Report, 'ok'>): Report {
	return { ...report, ok: report.promises.length > 0 && report.promises.every(({ ok }) => ok) };
}

/** A promise that a value is at most `bar`. */
export function atMost(name: string, bar: number, measured: number, unit = ''): Promised {
	return { name, bar: `at most ${bar}${unit}`, measured: `${round(measured)}${unit}`, ok: measured <= bar };
}

/** A promise that a value is at least `bar`. */
export function atLeast(name: string, bar: number, measured: number, unit = ''): Promised {
	return { name, bar: `at least ${bar}${unit}`, measured: `${round(measured)}${unit}`, ok: measured >= bar };
}

/** A promise that a statement holds. `measured` shows what was seen. */
export function mustHold(name: string, ok: boolean, measured: string): Promised {
	return { name, bar: 'holds', measured, ok };
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

/** The report as text. */
export function printed(report: Report): string {
	const { scenario, requests, failed, wrongAllows, lostSessions, promises, ok } = report;
	const width = Math.max(...promises.map(({ name }) => name.length));
	return [
		`${scenario}: ${requests} requests, ${failed} failed, ${wrongAllows} wrong allows, ${lostSessions} sessions lost`,
		...stalls(report),
		...promises.map(
			(promise) =>
				`  ${promise.ok ? 'kept  ' : 'BROKEN'}  ${promise.name.padEnd(width)}  ${promise.measured}  (${promise.bar})`,
		),
		ok ? `${scenario}: every promise was kept` : `${scenario}: A PROMISE WAS BROKEN`,
		'',
	].join('\n');
}

/** A reader must know if the machine was too slow, and how many failures that excused. */
function stalls({ stoodStillMs, excused }: Report): string[] {
	if (stoodStillMs === 0) return [];
	return [
		`  the machine stalled the region's services for ${stoodStillMs} ms, which excuses ${excused} answers with status 503`,
	];
}

/** The report of a drill that ran several parts side by side. Each promise names its part. */
export function joinedReport(scenario: string, parts: readonly Report[]): Report {
	const sum = (count: (report: Report) => number) => parts.reduce((total, report) => total + count(report), 0);
	return reportOf({
		scenario,
		requests: sum(({ requests }) => requests),
		failed: sum(({ failed }) => failed),
		excused: sum(({ excused }) => excused),
		stoodStillMs: Math.max(...parts.map(({ stoodStillMs }) => stoodStillMs)),
		wrongAllows: sum(({ wrongAllows }) => wrongAllows),
		lostSessions: sum(({ lostSessions }) => lostSessions),
		promises: parts.flatMap(({ scenario, promises }) =>
			promises.map((promise) => ({ ...promise, name: `${scenario}: ${promise.name}` })),
		),
	});
}
