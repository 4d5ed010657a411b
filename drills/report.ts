/** What a drill found. `--json` prints exactly this. */
export interface Report {
	readonly scenario: string;
	readonly requests: number;
	/** Requests that got no answer, a 5xx, or another answer than the session's state calls for. */
	readonly failed: number;
	/** Of these requests, so many were answered 503 because the machine did not let the region's services run: no failure of what is tried. */
	readonly excused: number;
	/** Milliseconds in which they did not run. */
	readonly stoodStillMs: number;
	readonly wrongAllows: number;
	readonly lostSessions: number;
	readonly promises: readonly Promised[];
	readonly ok: boolean;
}

/** One promise, and how it was kept. */
export interface Promised {
	readonly name: string;
	readonly bar: string;
	readonly measured: string;
	readonly ok: boolean;
}

/** The report of a scenario: it is well when every promise was kept. */
export function reportOf(report: Omit<Report, 'ok'>): Report {
	return { ...report, ok: report.promises.length > 0 && report.promises.every(({ ok }) => ok) };
}

/** A promise that a count is no more than `bar`. */
export function atMost(name: string, bar: number, measured: number, unit = ''): Promised {
	return { name, bar: `at most ${bar}${unit}`, measured: `${round(measured)}${unit}`, ok: measured <= bar };
}

/** A promise that a count is no less than `bar`. */
export function atLeast(name: string, bar: number, measured: number, unit = ''): Promised {
	return { name, bar: `at least ${bar}${unit}`, measured: `${round(measured)}${unit}`, ok: measured >= bar };
}

/** A promise that something holds; `measured` says what was seen. */
export function holds(name: string, ok: boolean, measured: string): Promised {
	return { name, bar: 'holds', measured, ok };
}

function round(value: number): number {
	return Math.round(value * 10) / 10;
}

/** The report for people. */
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

/** Whoever judges the report has to know that the machine was not up to it, and what that excused. */
function stalls({ stoodStillMs, excused }: Report): string[] {
	if (stoodStillMs === 0) return [];
	return [
		`  this process, with the region's services in it, stood still for ${stoodStillMs} ms; ${excused} answers of 503 are put down to that`,
	];
}
