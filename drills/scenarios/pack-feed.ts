import { DynamoDBClient, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { LayoutsInUse } from '../../functions/control-table/layout-change.ts';
import { timingDefaults } from '../../functions/control-table/timing.ts';
import { tables } from '../../local/lambda/function-variables.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { countStillAllowed } from '../load/probes.ts';
import { logOut } from '../load/writes.ts';
import { atLeast, atMost, mustHold, type Report } from '../report.ts';
import { onStage, type Stage } from '../stage.ts';

const wanted = '4x2';
/** Buses wait for a minute and a half before each of three steps. */
const giveUpAfterMs = 8 * 60_000;
/** How long the drill continues after the last step, when the former layout is no longer read. */
const afterwardsMs = 10_000;
const betweenLogoutsMs = 250;

/**
 * Buses with the setting `feed` change the layout of the feed while sessions log out. No logout may
 * be missed in any step.
 */
export function packFeed(): Promise<Report> {
	const region = { rest: 'never', busVariables: { LEASEHOLD_FEED_LAYOUT: wanted } } as const;
	return onStage({ region, carrying: true }, async (stage) => {
		const { clients, load } = stage;
		const table = new DynamoDBClient({
			endpoint: stage.region.endpoints.dynamodb,
			region: localAccount.region,
			credentials: localAccount.credentials,
		});
		let lastAllowedMs = 0;
		load.onAnswer = ({ status, sentAtMs }, { loggedOutMs }) => {
			if (status === 204 && loggedOutMs !== undefined) lastAllowedMs = Math.max(lastAllowedMs, sentAtMs - loggedOutMs);
		};
		/** Logouts that were acknowledged, by the version of the layouts before each. */
		const logouts = new Map<number, number>();
		const begunMs = performance.now();
		let doneMs = Number.POSITIVE_INFINITY;
		let last: LayoutsInUse | undefined;
		while (performance.now() < Math.min(doneMs + afterwardsMs, begunMs + giveUpAfterMs)) {
			last = await layoutsOf(table);
			if (isDone(last)) doneMs = Math.min(doneMs, performance.now());
			if (await beginAndEnd(stage)) logouts.set(last.version, (logouts.get(last.version) ?? 0) + 1);
			await stage.wait(betweenLogoutsMs);
		}
		table.destroy();
		await stage.wait(timingDefaults.maxStalenessMs + 500);
		const ended = stage.sessions.filter(({ loggedOutMs }) => loggedOutMs !== undefined);
		const revived = await countStillAllowed(clients, ended);
		return stage.finish('pack-feed', () => [
			mustHold('the packed layout is in use', last !== undefined && isDone(last), JSON.stringify(last)),
			atLeast('states in which logouts were acknowledged', 4, logouts.size),
			atLeast('logouts acknowledged in each state', 10, Math.min(...logouts.values())),
			atMost('longest time that a session was allowed after', timingDefaults.maxStalenessMs, lastAllowedMs, ' ms'),
			atMost('ended sessions that an instance still allows', 0, revived),
		]);
	});
}

/** Begins a session, lets the load use it for a moment, and logs it out. */
async function beginAndEnd({ clients, sessions, wait }: Stage): Promise<boolean> {
	const session = await clients.login(`packed-${sessions.length}`, {
		assuranceLevel: 1,
		carries: sessions.length % 2 === 0,
	});
	sessions.push(session);
	await wait(betweenLogoutsMs);
	return (await logOut(clients, session)).status === 204;
}

function isDone({ current, former }: LayoutsInUse): boolean {
	return current === wanted && former.every(({ untilMs }) => untilMs !== undefined && untilMs < Date.now());
}

/** Reads the item itself, so that the drill does not trust the code that it tests. */
async function layoutsOf(table: DynamoDBClient): Promise<LayoutsInUse> {
	const { Items } = await table.send(
		new QueryCommand({
			TableName: tables.controlTable,
			ConsistentRead: true,
			KeyConditionExpression: 'pk = :pk',
			ExpressionAttributeValues: { ':pk': { S: 'feed#layouts' } },
		}),
	);
	const item = Items?.[0];
	if (item === undefined) return { version: 0, current: 'entries', former: [] };
	const layouts = JSON.parse(item['layouts']?.S ?? '') as Omit<LayoutsInUse, 'version'>;
	return { ...layouts, version: Number(item['version']?.N) };
}
