import type { Receipt } from '../../functions/protocol/receipt.ts';
import { quantile } from '../measures/quantile.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

/** What the repositories take when all is well: medians of a read within an AWS region. */
const latencies = { dynamodb: 4, s3: 25 };
const slowMs = 200;
/** Cold reads in each of the two parts: the slowest per cent of them are ten. */
const readsMin = 1_000;
/** Changes wait for DynamoDB, and the load's clients with them: these sessions are read only. */
const unchangedSessions = 20;
/** More hedges than that would be load rather than help (Dean & Barroso 2013). */
const hedgedPerCentMax = 5;
/** A read may take as long as one from S3; this is for the moment in which it is not known yet that DynamoDB is slow. */
const addedMsMax = 20;
/** A cold read is an invocation and at least one call to a repository: half as many as elsewhere take as long. */
const requestsMin = 2_500;

/**
 * DynamoDB is slow, not away. No session server keeps a copy, so every decision is a cold read, and what the bus chooses shows.
 * All times are those in the receipts, taken inside the bus.
 */
export function slowDynamoDb(): Promise<Report> {
	// Fewer bytes than any session takes: none is kept.
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
			atLeast('cold reads when all was well', readsMin, healthy.length),
			atLeast(`cold reads while DynamoDB took ${slowMs} ms`, readsMin, slow.length),
			atMost('decisions from memory', 0, tally.warm),
			atMost('of 100 reads when all was well: hedged', hedgedPerCentMax, hedgedPerCent),
			atMost('p99 of a read in the bus when all was well', bar, quantile(tookMs(healthy), 0.99), ' ms'),
			atMost(
				`p99 while DynamoDB was slow, S3's being ${Math.round(s3Ms)} ms`,
				bar,
				quantile(tookMs(slow), 0.99),
				' ms',
			),
		]);
	});
}

/** The receipts of reads that began from now on, enough of them for a p99. */
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

/** A receipt that does not say how long it took breaks the promise about it. */
function tookMs(receipts: readonly Receipt[]): readonly number[] {
	return receipts.map(({ tookMs = Number.POSITIVE_INFINITY }) => tookMs);
}
