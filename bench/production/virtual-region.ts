import { createMemoryCopyKeys } from '../../functions/control-table/memory/copy-keys.ts';
import type { Message as BusMessage } from '../../functions/protocol/messages.ts';
import type { InvokeBus } from '../../functions/session-server/bus-client.ts';
import { decodeEvent } from '../../functions/session-server/http/exchange.ts';
import { cookiesOf, headersOf, keepAnswer } from '../contenders/carried.ts';
import { type BenchSession, latencies } from '../contenders/contender.ts';
import { eventText } from '../contenders/event.ts';
import { composeBus, composeSessionServer, createMemoryStores, overWire, service } from './compose.ts';
import { createEnvironment, epochMs, farAway, type VirtualEnvironment } from './environment.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

/** An answer of the virtual region. */
export interface VirtualAnswer {
	readonly status: number;
	/** From the evidence, such as `memory`. */
	readonly source: string | undefined;
	/** Calls for which the client waited. */
	readonly remoteCalls: number;
	/** Age of the last sync, in milliseconds. */
	readonly staleMs: number | undefined;
	readonly tookMs: number;
	readonly body: string;
}

/** The calls that were made so far. */
export interface VirtualCalls {
	/** Calls of session servers to the control table. */
	readonly control: Readonly<Record<string, number>>;
	/** Messages to the bus, by operation. */
	readonly messages: Readonly<Record<string, number>>;
	/** Milliseconds for which buses ran. */
	readonly busMs: number;
}

/**
 * The product's session servers and bus on virtual time, with the injected latencies. Environments
 * stand still between requests. A request gets any idle environment, as on Lambda.
 */
export interface VirtualRegion {
	readonly time: VirtualTime;
	login(user: string): Promise<BenchSession>;
	decide(session: BenchSession): Promise<VirtualAnswer>;
	change(session: BenchSession, nickname: string): Promise<VirtualAnswer>;
	logout(session: BenchSession): Promise<VirtualAnswer>;
	calls(): VirtualCalls;
}

const increment = (counts: Record<string, number>, name: string) => {
	counts[name] = (counts[name] ?? 0) + 1;
};

/** @param carries whether clients carry copies of their sessions */
export function createVirtualRegion(environments: number, random: () => number, carries = true): VirtualRegion {
	const time = createVirtualTime();
	const stores = createMemoryStores();
	const copyKeys = createMemoryCopyKeys({
		now: () => ({ wallMs: epochMs + Math.floor(time.now()), monotonicMs: time.now() }),
	});
	const control: Record<string, number> = {};
	const messages: Record<string, number> = {};
	let busMs = 0;

	// The bus asked last is asked first, so that few environments are kept busy.
	const idleBuses: { readonly environment: VirtualEnvironment; readonly bus: InvokeBus }[] = [];
	function newBus() {
		const environment = createEnvironment(time);
		const far = <Port extends object>(port: Port, latencyMs: number) =>
			farAway(port, latencyMs, time, environment, () => undefined);
		const bus = composeBus(
			{
				leases: far(stores.leases, latencies.control),
				feed: far(stores.feed, latencies.control),
				markers: far(stores.markers, latencies.control),
				tallyCopies: far(stores.tallyCopies, latencies.control),
				...(carries && { copyKeys: far(copyKeys, latencies.control) }),
				repositories: stores.repositories.map((each) =>
					far(each, each.name === 's3' ? latencies.s3 : latencies.dynamodb),
				),
				subjects: far(stores.subjects, latencies.dynamodb),
			},
			environment.clock,
		);
		return { environment, bus: overWire(bus) };
	}
	const invokeBus: InvokeBus = async (message: BusMessage, _withinMs, departed) => {
		increment(messages, 'sealedOwner' in message ? 'lend' : message.operation);
		departed?.();
		await time.sleep(latencies.lambda);
		const chosen = idleBuses.pop() ?? newBus();
		const begunMs = time.now();
		const answer = await chosen.environment.invoke(() => chosen.bus(message));
		busMs += time.now() - begunMs;
		idleBuses.push(chosen);
		return answer;
	};

	const servers = Array.from({ length: environments }, () => {
		const environment = createEnvironment(time);
		const far = <Port extends object>(port: Port) =>
			farAway(port, latencies.control, time, environment, (operation) => increment(control, operation));
		const invoke: InvokeBus = async (...args) => {
			const answer = await invokeBus(...args);
			await environment.awake();
			return answer;
		};
		const { api, flush } = composeSessionServer(
			{ leases: far(stores.leases), feed: far(stores.feed), ...(carries && { copyKeys: far(copyKeys) }) },
			invoke,
			environment.clock,
		);
		return { environment, api, flush };
	});
	const waiting: ((server: (typeof servers)[number]) => void)[] = [];

	/** Any idle environment. If there is none, the request waits for one. */
	function choose(): Promise<(typeof servers)[number]> {
		const idle = servers.filter(({ environment }) => environment.isIdle());
		const chosen = idle[Math.floor(random() * idle.length)];
		return chosen === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(chosen);
	}

	async function ask(session: BenchSession, route: string, bearer?: string, body?: object): Promise<VirtualAnswer> {
		const arrivedMs = time.now();
		const server = await choose();
		const headers = {
			...headersOf(session),
			...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
			...(body === undefined ? {} : { 'content-type': 'application/json' }),
		};
		const event = JSON.parse(eventText(route, headers, cookiesOf(session)));
		const request = decodeEvent(body === undefined ? event : { ...event, body: JSON.stringify(body) });
		const response = await server.environment.invoke(() => server.api(request, 'request'));
		server.flush();
		waiting.shift()?.(server);
		keepAnswer(session, { ...response.headers, 'set-cookie': response.cookies ?? [] });
		const text = response.headers['x-session-evidence'];
		const evidence = typeof text === 'string' ? JSON.parse(text) : undefined;
		return {
			status: response.status,
			source: evidence?.source,
			remoteCalls: evidence?.remoteCalls ?? 0,
			staleMs: evidence?.staleMs,
			tookMs: time.now() - arrivedMs,
			body: String(response.body ?? ''),
		};
	}

	return {
		time,
		async login(user) {
			const session: BenchSession = { user, token: undefined, cookies: new Map(), carried: undefined };
			const answer = await ask(session, 'POST /v1/sessions', user, { delivery: 'bearer' });
			if (answer.status !== 201) throw new Error(`${user} could not log in: ${answer.status} ${answer.body}`);
			session.token = (JSON.parse(answer.body) as { token: string }).token;
			return session;
		},
		decide: (session) => ask(session, `GET /v1/authorize?service=${service}`),
		change: (session, nickname) => ask(session, 'PATCH /v1/session', undefined, { attributes: { nickname } }),
		logout: (session) => ask(session, 'DELETE /v1/session'),
		calls: () => ({ control: { ...control }, messages: { ...messages }, busMs }),
	};
}
