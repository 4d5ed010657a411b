import { atLeast, atMost, type Report } from './report.ts';
import { onStage, type Stage } from './stage.ts';

const betweenMs = 700;

/** Ends every instance of session server and bus, one after the other, as a deployment does. */
export function rollingRestart(): Promise<Report> {
	return onStage({}, async (stage) => {
		const before = await running(stage);
		for (const name of before) {
			await stage.clients.control('POST', `/instances/${name}/kill`, {});
			await stage.wait(betweenMs);
		}
		const after = await running(stage);
		const left = after.filter((name) => before.includes(name)).length;
		const failovers = { count: 0 };
		stage.load.onAnswer = ({ evidence }) => {
			if (evidence?.source === 'failover') failovers.count++;
		};
		// Until the leases of the old instances have run out, and their sessions have been adopted.
		for (let waited = 0; waited < adoptionWaitMs && failovers.count === 0; waited += betweenMs)
			await stage.wait(betweenMs);
		return stage.finish('rolling-restart', (tally) => [
			atLeast('instances ended', 5, before.length),
			atMost('of these still there', 0, left),
			atLeast('sessions adopted by new instances', 1, failovers.count),
			atMost(`calls that ${tally.warm} warm decisions waited for`, 0, tally.warmWithCalls),
		]);
	});
}

const adoptionWaitMs = 15_000;

async function running({ clients }: Stage): Promise<readonly string[]> {
	return ((await clients.control('GET', '/instances')) as { name: string }[]).map(({ name }) => name);
}
