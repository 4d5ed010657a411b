import { IncomingMessage } from 'node:http';

export type RequestBody = { outcome: 'read'; body: Buffer } | { outcome: 'too-large' } | { outcome: 'aborted' };

/** Reads a request's body, at most `bytesMax` of it. */
export async function readBody(request: IncomingMessage, bytesMax: number): Promise<RequestBody> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	try {
		for await (const chunk of request as AsyncIterable<Buffer>) {
			bytes += chunk.length;
			// Read on without keeping: a connection that is cut while its client sends never delivers the answer.
			if (bytes <= bytesMax) chunks.push(chunk);
			else chunks.length = 0;
		}
	} catch {
		return { outcome: 'aborted' };
	}
	return bytes <= bytesMax ? { outcome: 'read', body: Buffer.concat(chunks) } : { outcome: 'too-large' };
}

/**
 * The same request with its body yet to be read. So an embedded service's own listener can be called after the body was
 * looked at, without a second hop over the network.
 */
export function replayed(request: IncomingMessage, body: Buffer): IncomingMessage {
	const replay = new IncomingMessage(request.socket);
	replay.method = request.method;
	replay.url = request.url;
	replay.httpVersion = request.httpVersion;
	replay.headers = request.headers;
	replay.rawHeaders = request.rawHeaders;
	replay.complete = true;
	replay.push(body);
	replay.push(null);
	return replay;
}
