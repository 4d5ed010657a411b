import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** Port: one exchange over HTTP, without following redirects. Never throws. */
export type SendRequest = (request: OutgoingRequest) => Promise<ServiceAnswer | ServiceFailure>;

export interface OutgoingRequest {
	readonly url: URL;
	readonly method: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
	/** For the whole exchange. */
	readonly timeoutMs: number;
	/** Of the answer's body. */
	readonly bodyBytesMax: number;
}

export interface ServiceAnswer {
	readonly status: number;
	/** Name and value, in the order and spelling in which they came. */
	readonly headers: readonly (readonly [string, string])[];
	/** As it came: what is compressed stays so. */
	readonly body: Uint8Array;
}

export interface ServiceFailure {
	readonly failed: 'unreachable' | 'timeout' | 'too-large';
}

const repeatable = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * With `node:http`, since `fetch` would decompress bodies and add headers of its own. A connection that was kept may have
 * been closed while this environment was frozen. What may be repeated is then sent again on a new one; everything else gets
 * a new one from the start.
 */
export const sendRequest: SendRequest = async (outgoing) => {
	const signal = AbortSignal.timeout(outgoing.timeoutMs);
	const first = await exchange(outgoing, signal, repeatable.has(outgoing.method));
	return first === 'stale-connection' ? asAnswer(await exchange(outgoing, signal, false)) : first;
};

function asAnswer(result: Awaited<ReturnType<typeof exchange>>): ServiceAnswer | ServiceFailure {
	return result === 'stale-connection' ? { failed: 'unreachable' } : result;
}

function exchange(
	{ url, method, headers, body, bodyBytesMax }: OutgoingRequest,
	signal: AbortSignal,
	keptConnection: boolean,
): Promise<ServiceAnswer | ServiceFailure | 'stale-connection'> {
	return new Promise((resolve) => {
		const send = url.protocol === 'https:' ? requestHttps : requestHttp;
		const request = send(url, { method, headers, signal, ...(keptConnection ? {} : { agent: false }) });
		const fail = () => {
			if (signal.aborted) resolve({ failed: 'timeout' });
			else resolve(request.reusedSocket ? 'stale-connection' : { failed: 'unreachable' });
		};
		request.on('error', fail);
		request.on('response', (response) => {
			read(response, bodyBytesMax).then(resolve, () => resolve({ failed: signal.aborted ? 'timeout' : 'unreachable' }));
		});
		request.end(body);
	});
}

async function read(response: IncomingMessage, bodyBytesMax: number): Promise<ServiceAnswer | ServiceFailure> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of response as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		// Leaving the loop ends the connection.
		if (bytes > bodyBytesMax) return { failed: 'too-large' };
		chunks.push(chunk);
	}
	const headers: [string, string][] = [];
	for (let index = 0; index < response.rawHeaders.length; index += 2)
		headers.push([response.rawHeaders[index] ?? '', response.rawHeaders[index + 1] ?? '']);
	return { status: response.statusCode ?? 0, headers, body: Buffer.concat(chunks) };
}
