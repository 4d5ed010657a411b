import type { ClientSession } from '../load/clients.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

const betweenMs = 700;

/** Ends every instance of session server and bus, one after the other, as a deployment does. */
export function rollingRestart(): Promise<Report> {
	return onStage({}, async (stage) => {
		const before = await running(stage);
		const adopted = new Set<ClientSession>();
		// From the beginning: where a restart takes as long as a lease, sessions are adopted while it goes on.
		stage.load.onAnswer = ({ evidence, process = '' }, session) => {
			if (evidence?.source === 'failover' && !before.includes(process)) adopted.add(session);
		};
		for (const name of before) {
			await stage.clients.control('POST', `/instances/${name}/kill`, {});
			await stage.wait(betweenMs);
		}
		const after = await running(stage);
		const left = after.filter((name) => before.includes(name)).length;
		// Until the leases of the old instances have run out, and their sessions have been adopted.
		await stage.waitUntil(() => adopted.size > 0);
		return stage.finish('rolling-restart', (tally) => [
			atLeast('instances ended', 5, before.length),
			atMost('of these still there', 0, left),
			atLeast('sessions adopted by new instances', 1, adopted.size),
			atMost(`calls that ${tally.warmAtLoad} warm decisions at load waited for`, 0, tally.warmWithCalls),
		]);
	});
}

async function running({ clients }: Stage): Promise<readonly string[]> {
	return ((await clients.control('GET', '/instances')) as { name: string }[]).map(({ name }) => name);
}
