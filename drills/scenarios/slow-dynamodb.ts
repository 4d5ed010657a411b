import type { Receipt } from '../../functions/protocol/receipt.ts';
import { quantile } from '../measures/quantile.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** Normal latencies of the repositories: medians of a read within an AWS region. */
const latencies = { dynamodb: 4, s3: 25 };
const slowMs = 200;
/** Cold reads in each of the two parts. The slowest percent of them are ten. */
const readsMin = 1_000;
/**
 * Sessions that are only read. A change waits for DynamoDB, and one of the load's clients waits
 * with it.
 */
const unchangedSessions = 20;
/** More hedged reads would add more load than they help (Dean & Barroso 2013). */
const hedgedPerCentMax = 5;
/**
 * A read may take as long as one from S3. This allows for the time until the bus knows that
 * DynamoDB is slow.
 */
const addedMsMax = 20;
/**
 * Half as many as in other drills, because a cold read takes an invocation and a call to a
 * repository.
 */
const requestsMin = 2_500;

/**
 * DynamoDB is slow but not down. No session server keeps a copy, so every decision is a cold read
 * and shows which repository the bus chooses. All times come from the receipts and are measured in
 * the bus.
 */
export function slowDynamoDb(): Promise<Report> {
	// Less than the size of any session, so no copy is kept.
	const sessionServerVariables = { LEASEHOLD_COPY_BYTES_MAX: '1' };
	const region = { latencies, busInstances: 5, busInstancesAtStart: 5, sessionServerVariables };
	return onStage({ region, requestsMin, load: { unchanged: unchangedSessions } }, async (stage) => {
		const { clients } = stage;
		const healthy = await coldReads(stage);
		await clients.control('PUT', '/services/dynamodb', { latencyMs: slowMs });
		const slow = await coldReads(stage);
		await clients.control('PUT', '/services/dynamodb', { latencyMs: latencies.dynamodb });
		const hedgedPerCent = (100 * healthy.filter(({ hedged }) => hedged).length) / healthy.length;
		const fromS3Ms = slow.flatMap(({ asked }) => asked.filter(isFromS3).map(({ tookMs }) => tookMs ?? Number.NaN));
		const s3Ms = quantile(fromS3Ms, 0.99);
		const bar = Math.round(s3Ms + addedMsMax);
		return stage.finish('slow-dynamodb', (tally) => [
			atLeast('cold reads at normal latency', readsMin, healthy.length),
			atLeast(`cold reads while DynamoDB took ${slowMs} ms`, readsMin, slow.length),
			atMost('decisions from memory', 0, tally.warm),
			atMost('hedged reads in 100 at normal latency', hedgedPerCentMax, hedgedPerCent),
			atMost('p99 of a read at normal latency', bar, quantile(tookMs(healthy), 0.99), ' ms'),
			atMost(
				`p99 of a read while DynamoDB was slow (S3: ${Math.round(s3Ms)} ms)`,
				bar,
				quantile(tookMs(slow), 0.99),
				' ms',
			),
		]);
	});
}

/** Collects the receipts of reads that begin from now on, until there are enough for a p99. */
async function coldReads({ load, waitUntil }: Stage): Promise<readonly Receipt[]> {
	const receipts: Receipt[] = [];
	const begunAt = performance.now();
	load.onAnswer = ({ evidence, sentAtMs }, _session, kind) => {
		if (evidence?.receipt !== undefined && kind !== 'change' && sentAtMs > begunAt) receipts.push(evidence.receipt);
	};
	await waitUntil(() => receipts.length >= readsMin);
	load.onAnswer = undefined;
	return receipts;
}

function isFromS3({ repository, outcome }: Receipt['asked'][number]): boolean {
	return repository === 's3' && outcome === 'found';
}

/** A receipt without a time counts as infinitely slow, so it breaks the promise. */
function tookMs(receipts: readonly Receipt[]): readonly number[] {
	return receipts.map(({ tookMs = Number.POSITIVE_INFINITY }) => tookMs);
}
