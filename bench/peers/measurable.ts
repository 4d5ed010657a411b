/** A Lambda handler. */
type Handler<Event, Context> = (event: Event, context: Context) => Promise<object>;

/** The measurements of one loop inside an instance. */
export interface Loop {
	readonly calls: number;
	/** Processor time of the process for one call, in microseconds. */
	readonly cpuUs: number;
	/** Time from event to answer, in microseconds. */
	readonly p50Us: number;
	readonly p99Us: number;
	/** How often each status was answered. */
	readonly statuses: Readonly<Record<string, number>>;
}

/** Asks an instance to call its own handler in a loop. */
export interface LoopRequest {
	/** The event of each call, as JSON. They are used in turn. */
	readonly events: readonly string[];
	readonly calls: number;
	/** The loop ends early after this time. */
	readonly msMax: number;
}

/** An event with this path asks for a loop. Its body is a `LoopRequest`. */
export const loopPath = '/measure-the-handler';

/**
 * A handler that can also be measured where it is deployed: in its own process, from its own
 * bundle, with its own clients. So the front and the generator of load cost nothing.
 */
export function measurable<Event extends { readonly rawPath: string }, Context>(
	handler: Handler<Event, Context>,
): Handler<Event, Context> {
	return (event, context) => (event.rawPath === loopPath ? answerOf(handler, event, context) : handler(event, context));
}

async function answerOf<Event, Context>(handler: Handler<Event, Context>, event: Event, context: Context) {
	const { body } = event as { readonly body?: string };
	const loop = await measure(handler, JSON.parse(body ?? '{}') as LoopRequest, context);
	return { statusCode: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(loop) };
}

async function measure<Event, Context>(
	handler: Handler<Event, Context>,
	{ events, calls, msMax }: LoopRequest,
	context: Context,
): Promise<Loop> {
	// Lambda's runtime parses each event. A handler may change its own one.
	const parsed = Array.from(
		{ length: calls },
		(_, index) => JSON.parse(events[index % events.length] ?? '{}') as Event,
	);
	const tookUs: number[] = [];
	const statuses: Record<string, number> = {};
	const endsAtMs = performance.now() + msMax;
	const cpuBefore = process.cpuUsage();
	for (const each of parsed) {
		const begun = performance.now();
		const answer = (await handler(each, context)) as { readonly statusCode?: number };
		const ended = performance.now();
		tookUs.push((ended - begun) * 1_000);
		const status = String(answer.statusCode);
		statuses[status] = (statuses[status] ?? 0) + 1;
		if (ended > endsAtMs) break;
	}
	const { user, system } = process.cpuUsage(cpuBefore);
	tookUs.sort((a, b) => a - b);
	const at = (part: number) => tookUs[Math.min(tookUs.length - 1, Math.floor(part * tookUs.length))] ?? Number.NaN;
	return { calls: tookUs.length, cpuUs: (user + system) / tookUs.length, p50Us: at(0.5), p99Us: at(0.99), statuses };
}
