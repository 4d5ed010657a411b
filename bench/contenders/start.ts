import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createHttpClient } from '../../drills/load/http-client.ts';
import { targetHeader } from '../../local/gateway/event.ts';
import { functionEntries } from '../../local/lambda/function-bundles.ts';
import { type Region, type RegionOptions, startRegion } from '../../local/region.ts';
import { localAccount } from '../../local/system/local-account.ts';
import { peerTable, redisVariable } from '../peers/peer-table.ts';
import type { Redis } from '../services/redis.ts';
import { cookiesOf, headersOf, keepAnswer } from './carried.ts';
import { allowedStatus, type BenchAnswer, type BenchSession, type Contender, latencies } from './contender.ts';
import { eventText } from './event.ts';
import { type ContenderName, programs } from './programs.ts';
import { createRegionControl, environments } from './region-control.ts';
import { withRequire } from './with-require.ts';

export interface StartOptions {
	/** Session servers of each contender. */
	readonly instances: number;
	readonly rest?: RegionOptions['rest'];
	readonly sessionServerVariables?: RegionOptions['sessionServerVariables'];
	readonly redis: Redis;
}

/** Starts a contender in its own region. */
export async function startContender(name: ContenderName, options: StartOptions): Promise<Contender> {
	const { instances, redis, rest = 'never', sessionServerVariables } = options;
	const program = programs[name];
	// A loop asks for one session more often than any client may.
	const variables = {
		LEASEHOLD_REQUESTS_PER_SECOND: '1000000',
		...sessionServerVariables,
		[redisVariable]: redis.url,
	};
	const region = await startRegion({
		...(program.isLeasehold ? environments(instances) : { instances, busInstances: 1, busInstancesAtStart: 0 }),
		latencies,
		sourceMaps: false,
		rest,
		sessionServerVariables: variables,
		plugins: program.isLeasehold ? [] : [withRequire],
		entries: {
			...functionEntries,
			sessionServer: fileURLToPath(new URL(`../peers/${program.file}.ts`, import.meta.url)),
		},
	});
	try {
		if (program.usesPeerTable) await createPeerTable(region.endpoints.dynamodb);
		return contenderOf(name, region, redis);
	} catch (error) {
		await region.stop();
		throw error;
	}
}

function contenderOf(name: ContenderName, region: Region, redis: Redis): Contender {
	const { send, close } = createHttpClient();
	const { control, instances } = createRegionControl(region, send);
	const { isLeasehold, routes, usesRedis } = programs[name];

	async function ask(
		session: BenchSession,
		route: string,
		{
			body,
			target,
			bearer,
		}: { readonly body?: unknown; readonly target?: string | undefined; readonly bearer?: string },
	): Promise<BenchAnswer> {
		const [method = '', path = ''] = route.split(' ');
		const cookies = cookiesOf(session);
		const answer = await send(method, region.url + path, {
			headers: {
				...headersOf(session),
				...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
				...(cookies.length === 0 ? {} : { cookie: cookies.join('; ') }),
				...(body === undefined ? {} : { 'content-type': 'application/json' }),
				...(target === undefined ? {} : { [targetHeader]: target }),
			},
			body,
		});
		keepAnswer(session, answer.headers);
		const evidence = answer.headers['x-session-evidence'];
		return {
			...answer,
			process: String(answer.headers['x-local-process'] ?? '') || undefined,
			source: typeof evidence === 'string' ? (JSON.parse(evidence) as { source: string }).source : undefined,
		};
	}

	return {
		name,
		region,
		control,
		async login(user, target) {
			const session: BenchSession = { user, token: undefined, cookies: new Map(), carried: undefined };
			const bearer = isLeasehold
				? { bearer: await region.mint({ subject: user, scope: 'billing:read', acr: 'aal1' }) }
				: {};
			const body = isLeasehold ? { delivery: 'bearer' } : { user };
			const answer = await ask(session, routes.login, { body, target, ...bearer });
			if (answer.status !== 201 && answer.status !== allowedStatus)
				throw new Error(`${name}: ${user} could not log in: ${answer.status} ${answer.body}`);
			if (answer.body !== '') session.token = (JSON.parse(answer.body) as { token: string }).token;
			return session;
		},
		decide: (session, target) => ask(session, routes.decide, { target }),
		async change(session, nickname, target) {
			const answer = await ask(session, routes.change, {
				body: isLeasehold ? { attributes: { nickname } } : { nickname },
				target,
			});
			if (!isLeasehold && answer.status === 200) session.token = (JSON.parse(answer.body) as { token: string }).token;
			return answer;
		},
		logout: (session) => ask(session, routes.logout, {}),
		decisionEvent: (session) => eventText(routes.decide, headersOf(session), cookiesOf(session)),
		async calls() {
			const services = (await control('GET', '/services')) as Record<string, { calls: Record<string, number> }>;
			const calls: Record<string, number> = {};
			// Lambda asks the queue for repairs all the time, whatever clients do.
			for (const [service, { calls: each }] of Object.entries(services).filter(([service]) => service !== 'queue'))
				for (const [operation, count] of Object.entries(each)) calls[`${service} ${operation}`] = count;
			if (usesRedis)
				for (const [command, count] of Object.entries(await redis.calls())) calls[`redis ${command}`] = count;
			return calls;
		},
		instances,
		setRedis: redis.set,
		async stop() {
			close();
			await region.stop();
		},
	};
}

async function createPeerTable(endpoint: string): Promise<void> {
	const client = new DynamoDBClient({ endpoint, ...localAccount });
	await client.send(
		new CreateTableCommand({
			TableName: peerTable,
			BillingMode: 'PAY_PER_REQUEST',
			AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
			KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
		}),
	);
	client.destroy();
}
