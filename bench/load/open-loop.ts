import { setTimeout as delay } from 'node:timers/promises';

/** The answer to one planned request. */
export interface Taken<Answer> {
	/**
	 * Milliseconds from the moment at which it was due to its answer, so that a queue before it
	 * counts. A timer may send a request a little early. Then they count from that moment.
	 */
	readonly tookMs: number;
	readonly answer: Answer;
}

/**
 * Sends each request when it is due, whether or not others were answered, and waits for every
 * answer.
 */
export async function sendWhenDue<Request extends { readonly atMs: number }, Answer>(
	planned: readonly Request[],
	send: (request: Request) => Promise<Answer>,
): Promise<readonly (Taken<Answer> & { readonly request: Request })[]> {
	const begun = performance.now();
	const sent: Promise<Taken<Answer> & { readonly request: Request }>[] = [];
	for (const request of planned) {
		const leftMs = begun + request.atMs - performance.now();
		if (leftMs > 1) await delay(leftMs - 1);
		const fromMs = Math.min(begun + request.atMs, performance.now());
		sent.push(send(request).then((answer) => ({ request, answer, tookMs: performance.now() - fromMs })));
	}
	return Promise.all(sent);
}

/** Calls `act` for each value, so many at once. */
export async function inParallel<Value, Outcome>(
	values: readonly Value[],
	atOnce: number,
	act: (value: Value) => Promise<Outcome>,
): Promise<readonly Outcome[]> {
	const outcomes: Outcome[] = [];
	let next = 0;
	const work = async () => {
		while (next < values.length) {
			const index = next++;
			outcomes[index] = await act(values[index] as Value);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, values.length) }, work));
	return outcomes;
}
