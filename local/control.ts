import { createServer, type Server } from 'node:http';
import * as v from 'valibot';
import { type Claims, claimsSchema } from './issuer/claims.ts';
import type { FunctionPool } from './lambda/function-pool.ts';
import type { Instance } from './lambda/instance.ts';
import type { LogBuffer } from './lambda/log-buffer.ts';
import type { EmbeddedSqs, QueueCounts } from './services/embedded-sqs.ts';
import { faults, isServiceName, latencyMsMax, type ServiceConditions, send } from './services/faults.ts';
import { readBody } from './system/request-body.ts';

export interface ControlledRegion {
	readonly functions: readonly FunctionPool[];
	readonly conditions: ServiceConditions;
	readonly logs: LogBuffer;
	readonly queues: Readonly<Record<string, Pick<EmbeddedSqs, 'counts' | 'redrive'>>>;
	/** Returns an ID token of the region's issuer. */
	mint(claims: Claims): Promise<string>;
}

/**
 * The control endpoint, with which drills and people manipulate the region while it runs:
 *
 * | request | body | effect |
 * |---|---|---|
 * | `GET /instances` | | lists the processes, with state and number of invocations |
 * | `POST /instances/{name}/kill` | `{ when? }` | sends SIGKILL, and answers when the process has ended |
 * | `POST /instances/{name}/stop` | `{ when? }` | sends SIGSTOP: no invocations until it is continued |
 * | `POST /instances/{name}/continue` | | sends SIGCONT |
 * | `POST /instances/{name}/clock` | `{ offsetMs }` | sets its wall clock ahead, or behind if negative |
 * | `GET /services` | | shows latency, fault and calls so far, by service and operation |
 * | `PUT /services/{name}` | `{ latencyMs?, fault? }` | changes them, beginning with the next call |
 * | `GET /connections` | | counts the functions' connections that died while they stood |
 * | `GET /queues` | | counts the repair queue's messages: waiting, in flight, dead |
 * | `POST /queues/{name}/redrive` | | moves its dead messages back to the queue |
 * | `POST /id-tokens` | see `claimsSchema` | answers `{ idToken }`, which logs in the given subject |
 * | `GET /logs?since=N` | | shows what the processes wrote after line N |
 *
 * If `when` is `idle`, the default, the signal waits until the process has no invocation, as Lambda
 * would. The alternative is `now`.
 */
export function createControl(region: ControlledRegion): Server {
	return createServer(async (request, response) => {
		const read = await readBody(request, bodyBytesMax);
		if (read.kind === 'aborted') return;
		const body = read.kind === 'read' ? read.body.toString() : '';
		const url = URL.parse(String(request.url), 'http://control');
		const answer = url === null ? notFound : await answerTo(region, String(request.method), url, body);
		send(response, {
			status: answer.status,
			headers: { 'content-type': 'application/json' },
			body: `${JSON.stringify(answer.body)}\n`,
		});
	});
}

interface Answer {
	readonly status: number;
	readonly body: unknown;
}

const bodyBytesMax = 64 * 1024;
const notFound: Answer = { status: 404, body: { error: 'nothing has this name' } };

const whenSchema = v.strictObject({ when: v.optional(v.picklist(['idle', 'now']), 'idle') });
const clockSchema = v.strictObject({ offsetMs: v.pipe(v.number(), v.integer()) });
const conditionSchema = v.strictObject({
	latencyMs: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(latencyMsMax))),
	fault: v.exactOptional(v.picklist(faults)),
});

async function answerTo(region: ControlledRegion, method: string, url: URL, body: string): Promise<Answer> {
	const [, collection, name, action] = url.pathname.split('/');
	const instances = region.functions.flatMap((pool) => pool.instances());
	switch (`${method} ${collection}`) {
		case 'GET instances':
			return ok(region.functions.flatMap((pool) => pool.instances().map((instance) => view(pool, instance))));
		case 'POST instances': {
			const instance = instances.find((each) => each.name === name);
			return instance ? await act(instance, String(action), body) : notFound;
		}
		case 'GET services':
			return ok(region.conditions.report());
		case 'PUT services': {
			if (name === undefined || !isServiceName(name)) return notFound;
			return withInput(conditionSchema, body, (change) => {
				region.conditions.set(name, change);
				return region.conditions.report()[name];
			});
		}
		case 'GET connections':
			return ok(region.conditions.connections.died());
		case 'GET queues':
			return ok(await countsOf(region));
		case 'POST queues': {
			const queue = region.queues[String(name)];
			return queue && action === 'redrive' ? ok({ moved: await queue.redrive() }) : notFound;
		}
		case 'POST id-tokens':
			return withInput(claimsSchema, body, async (claims) => ({ idToken: await region.mint(claims) }));
		case 'GET logs':
			return ok(region.logs.since(Number(url.searchParams.get('since') ?? 0) || 0));
		default:
			return notFound;
	}
}

async function countsOf({ queues }: ControlledRegion): Promise<Readonly<Record<string, QueueCounts>>> {
	const counts = Object.entries(queues).map(async ([name, queue]) => [name, await queue.counts()] as const);
	return Object.fromEntries(await Promise.all(counts));
}

async function act(instance: Instance, action: string, body: string): Promise<Answer> {
	switch (action) {
		case 'kill':
			return await withInput(whenSchema, body, ({ when }) => instance.kill(when));
		case 'stop':
			return await withInput(whenSchema, body, ({ when }) => instance.freeze(when));
		case 'continue':
			return await withInput(v.strictObject({}), body, () => instance.thaw());
		case 'clock':
			return await withInput(clockSchema, body, ({ offsetMs }) => instance.setClock(offsetMs));
		default:
			return notFound;
	}
}

function view(pool: FunctionPool, instance: Instance) {
	const { name, pid } = instance;
	return { function: pool.functionName, name, pid, state: instance.state(), invocations: instance.invocations() };
}

/**
 * Parses the body and answers with the result of `act`. An empty body counts as an empty object.
 */
async function withInput<Schema extends v.GenericSchema>(
	schema: Schema,
	body: string,
	act: (input: v.InferOutput<Schema>) => unknown,
): Promise<Answer> {
	const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), body === '' ? '{}' : body);
	if (result.success) return ok((await act(result.output)) ?? {});
	const [issue] = result.issues;
	return { status: 400, body: { error: `${v.getDotPath(issue) ?? 'body'}: ${issue.message}` } };
}

function ok(body: unknown): Answer {
	return { status: 200, body };
}
