import { type MetricName, metricDefinitions } from '../../functions/system/metrics.ts';
import { code, table } from './markdown.ts';

interface Description {
	/** The functions that publish it. */
	readonly from: string;
	readonly counts: string;
}

const deciding = 'session server, authorizer';

const descriptions: Readonly<Record<MetricName, Description>> = {
	Decisions: { from: deciding, counts: 'decisions about services' },
	Refusals: { from: deciding, counts: 'requests that were refused with a status below 500' },
	Staleness: { from: deciding, counts: 'age of what a decision was made with' },
	Failovers: { from: deciding, counts: 'requests for a session whose owner had failed' },
	Takeovers: { from: deciding, counts: 'requests for a session whose owner may have slept' },
	Seals: { from: deciding, counts: 'leases that requests sealed' },
	Copies: { from: deciding, counts: "copies in an instance's memory" },
	Evictions: { from: deciding, counts: 'copies evicted because memory was full' },
	ServiceFailures: { from: 'session server', counts: 'forwarded requests that the service did not answer' },
	FailedCalls: { from: 'all', counts: 'calls to AWS and to issuers that failed after their last try' },
	Messages: { from: 'bus', counts: 'messages' },
	MessageTime: { from: 'bus', counts: 'time for a message' },
	RepositoryTime: { from: 'bus', counts: 'time of a load' },
	RepositoryFailures: { from: 'bus', counts: 'loads and merges that failed, or that an open circuit refused' },
	ForgedRecords: { from: 'bus', counts: 'records that session servers found forged' },
	HedgedReads: { from: 'bus', counts: 'reads that asked a second repository because the first was slow' },
	DegradedWrites: { from: 'bus', counts: 'writes acknowledged before a repair' },
	Repairs: { from: 'repair', counts: 'repair tasks' },
	RepairAge: { from: 'repair', counts: 'age of a repair that must be tried again' },
};

/** The metrics that functions publish. */
export function metricsTable(): string {
	return table(
		['metric', 'unit', 'more dimensions', 'from', 'counts or measures'],
		(Object.keys(metricDefinitions) as MetricName[]).map((name) => {
			const { unit, dimensions } = metricDefinitions[name];
			const { from, counts } = descriptions[name];
			return [code(name), unit, dimensions.map(code).join(', ') || '–', from, counts];
		}),
	);
}
