import type { ClientSession } from '../load/clients.ts';
import { atLeast, atMost, type Report } from '../report.ts';
import { onStage } from '../stage.ts';

const betweenMs = 700;

/** Kills every instance, one after the other, as a deployment replaces them. */
export function rollingRestart(): Promise<Report> {
	return onStage({}, async (stage) => {
		const before = await stage.clients.instanceNames();
		const adopted = new Set<ClientSession>();
		// Watch from the beginning: if the restart takes as long as a lease, sessions are adopted
		// before its end.
		stage.load.onAnswer = ({ evidence, process = '' }, session) => {
			if (evidence?.source === 'failover' && !before.includes(process)) adopted.add(session);
		};
		for (const name of before) {
			await stage.clients.control('POST', `/instances/${name}/kill`, {});
			await stage.wait(betweenMs);
		}
		const after = await stage.clients.instanceNames();
		const left = after.filter((name) => before.includes(name)).length;
		// Wait until the leases of the old instances have expired and sessions of theirs are
		// adopted.
		await stage.waitUntil(() => adopted.size > 0);
		return stage.finish('rolling-restart', (tally) => [
			atLeast('instances killed', 5, before.length),
			atMost('killed instances that still run', 0, left),
			atLeast('sessions adopted by new instances', 1, adopted.size),
			atMost(`warm decisions that waited for a remote call, of ${tally.warmAtLoad} under load`, 0, tally.warmWithCalls),
		]);
	});
}
